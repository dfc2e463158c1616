#!/bin/sh
# Plans, and says in a chat channel where a link doesn't work, where Wintro doesn't sync, and where
# neither could be found out. ALERT_WEBHOOK is the address of an incoming webhook, as Slack has them.
# The exit code is the plan's.
set -u

code=0
terraform plan -input=false -no-color -lock=false -detailed-exitcode >plan.txt 2>&1 || code=$?
cat plan.txt

case $code in
0)
  grep -q 'Check block assertion failed' plan.txt || exit 0
  text='A check of the links between Recruitee and Wintro fails.'
  ;;
2) text='A link between Recruitee and Wintro does not work, or is not as it is configured.' ;;
*) text='The links between Recruitee and Wintro could not be checked.' ;;
esac

curl --fail --silent --show-error --output /dev/null \
  --header 'Content-Type: application/json' \
  --data "{\"text\":\"$text ${RUN_URL:-}\"}" "$ALERT_WEBHOOK"
exit $code
