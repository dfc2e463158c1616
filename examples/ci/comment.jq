# The comment for a pull request, from connections.json.

def cell: tostring | gsub("\\s+"; " ") | gsub("(?<c>[|<`\\\\])"; "\\\(.c)");

.connections as $all
| ($all | map(select(.ok | not))) as $open
| "### Connections between Recruitee and Wintro",
  "",
  (if .failed then "**The plan failed.**"
   elif .changes then "\($open | length) of \($all | length) connections change or don't work."
   else "No changes." end),
  (if ($open | length) > 0 then
     "",
     "| Connection | Company | Status | Apply | Why |",
     "|---|---|---|---|---|",
     ($open[] | [.address, .company_name // .company_id, .status // "–", .action, (.why | join("; "))]
       | map(cell) | "| " + join(" | ") + " |")
   else empty end),
  (.messages[] | "", "**\(.severity | ascii_upcase): \(.summary | cell)**", "", "~~~text", .detail, "~~~")
