resource "aws_iam_role_policy" "wait_until_hardened" {
  name = "wait-until-hardened"
  role = aws_iam_role.aft_states.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "states:StartExecution", Resource = local.account_hardened },
      {
        Effect   = "Allow"
        Action   = ["states:DescribeExecution", "states:StopExecution"]
        Resource = "${replace(local.account_hardened, ":stateMachine:", ":execution:")}:*"
      },
      {
        Effect   = "Allow"
        Action   = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
        Resource = "arn:aws:events:*:*:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
      }
    ]
  })
}
