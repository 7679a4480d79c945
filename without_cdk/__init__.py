"""The deployment as files that CloudFormation takes without CDK's command line or bootstrapping."""
