#!/bin/sh
# Makes a plan and saves it as plan.tfplan. Reports the connections in connections.json, and writes a comment for the
# pull request to comment.md. Fails if the plan failed. Prints no names, because a CI system might interpret them as
# commands.
set -eu
# Remove these files at the end, because they contain secrets in clear text.
trap 'rm -f plan.json plan.jsonl plan.txt' EXIT
# Exit on a signal, because some shells would otherwise not run the EXIT trap when the job is cancelled.
trap 'exit 130' HUP INT TERM
umask 077
rm -f plan.tfplan connections.json comment.md

code=0
terraform plan -input=false -lock-timeout=5m -detailed-exitcode -out=plan.tfplan -json >plan.jsonl || code=$?
# If Terraform crashes or is killed, the exit code isn't 0, 1 or 2. Treat it like a failed plan.
[ "$code" -eq 0 ] || [ "$code" -eq 2 ] || code=1

echo '{}' >plan.json
: >plan.txt
if [ -f plan.tfplan ]; then
  terraform show -json plan.tfplan >plan.json
fi
if [ "$code" -eq 2 ]; then
  terraform show -no-color plan.tfplan >plan.txt
fi
jq --argjson code "$code" --rawfile log plan.jsonl --from-file connections.jq plan.json >connections.json
jq --raw-output --rawfile plan plan.txt --from-file comment.jq connections.json >comment.md

[ "$code" -ne 1 ]
