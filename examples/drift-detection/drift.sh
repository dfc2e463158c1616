#!/bin/sh
# Runs terraform plan, and posts to a chat channel if a connection doesn't work, a token could not be verified, Wintro
# doesn't sync, or the plan failed. ALERT_WEBHOOK is the URL of an incoming webhook, such as Slack's.
#
# The exit codes 0, 1 and 2 are those of terraform plan -detailed-exitcode. 3 means that a token could not be verified.
set -u

if [ -z "${ALERT_WEBHOOK:-}" ]; then
  echo 'Set ALERT_WEBHOOK to the URL of an incoming webhook. Without it, no alert can be sent.' >&2
  exit 1
fi

code=0
terraform plan -input=false -no-color -lock=false -detailed-exitcode >plan.txt 2>&1 || code=$?
cat plan.txt

# Without this check, a plan during an outage of Recruitee would look like a plan of healthy connections.
if [ "$code" -eq 0 ] && grep -q 'Warning: API tokens could not be verified' plan.txt; then
  code=3
fi

case $code in
0)
  grep -q 'Check block assertion failed' plan.txt || exit 0
  text='A check of the connections between Recruitee and Wintro fails.'
  ;;
2) text='A connection between Recruitee and Wintro does not work, or differs from its configuration.' ;;
3) text='Recruitee could not be reached, so nothing is known about the API tokens.' ;;
*) text='The connections between Recruitee and Wintro could not be checked.' ;;
esac

# The webhook's URL is a secret. Pass it on standard input, because other processes can read a command's arguments.
printf 'url = "%s"\n' "$ALERT_WEBHOOK" |
  curl --config - --fail --silent --show-error --output /dev/null \
    --header 'Content-Type: application/json' --data "{\"text\":\"$text ${RUN_URL:-}\"}"
exit $code
