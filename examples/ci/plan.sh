#!/bin/sh
# Makes a plan and saves it as plan.tfplan. Writes what it says about the connections to connections.json, and a
# comment for the pull request to comment.md. Fails if the plan failed.
set -eu
trap 'rm -f plan.json' EXIT
rm -f plan.tfplan

code=0
terraform plan -input=false -lock-timeout=5m -detailed-exitcode -out=plan.tfplan -json >plan.jsonl || code=$?

echo '{}' >plan.json
if [ -f plan.tfplan ]; then
  terraform show -json plan.tfplan >plan.json
fi
jq --argjson code "$code" --slurpfile log plan.jsonl --from-file connections.jq plan.json >connections.json

{
  jq --raw-output --from-file comment.jq connections.json
  if [ "$code" -eq 2 ]; then
    printf '\n<details><summary>The whole plan</summary>\n\n```text\n'
    terraform show -no-color plan.tfplan | head -c 50000
    printf '\n```\n\n</details>\n'
  fi
} >comment.md
cat comment.md

[ "$code" -ne 1 ]
