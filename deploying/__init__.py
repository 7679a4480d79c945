"""What it takes to deploy: IAM policies derived from the synthesized templates."""
