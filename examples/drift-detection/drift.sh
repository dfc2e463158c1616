#!/bin/sh
# Runs terraform plan and posts to a chat channel if a connection doesn't work, if Wintro doesn't sync, or if
# the plan failed. ALERT_WEBHOOK is the address of an incoming webhook, such as Slack's. The exit code is the
# plan's.
set -u

code=0
terraform plan -input=false -no-color -lock=false -detailed-exitcode >plan.txt 2>&1 || code=$?
cat plan.txt

case $code in
0)
  grep -q 'Check block assertion failed' plan.txt || exit 0
  text='A check of the connections between Recruitee and Wintro fails.'
  ;;
2) text='A connection between Recruitee and Wintro does not work, or differs from its configuration.' ;;
*) text='The connections between Recruitee and Wintro could not be checked.' ;;
esac

curl --fail --silent --show-error --output /dev/null \
  --header 'Content-Type: application/json' \
  --data "{\"text\":\"$text ${RUN_URL:-}\"}" "$ALERT_WEBHOOK"
exit $code
