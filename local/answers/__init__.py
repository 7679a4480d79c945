"""What AWS answers: root sessions, root credentials, features and organizations, judged and logged."""
