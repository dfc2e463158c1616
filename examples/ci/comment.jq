# Makes the comment for a pull request. The input is connections.json, and $plan is the text of the plan.
#
# Names come from Wintro and Recruitee, so they may contain Markdown, mentions and links. Each value is therefore in a
# code span, and each longer text in an indented block. No character in a value or text can end the span or the block.

# printable replaces line breaks and invisible characters.
def printable: gsub("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]"; " ");

# code returns a code span. It replaces backticks, which would end the span, and "|", which would end the cell.
def code:
  printable | gsub("`"; "'") | gsub("[|]"; "¦")
  | (if length > 300 then .[:300] + "…" else . end)
  | if test("[^ ]") then "`\(.)`" else "–" end;

# block returns the lines of an indented block.
def block: split("\n") | map("    " + .[:1000]);

# truncate drops the last lines if the text has more than $bytes bytes. GitHub accepts 65,536 characters in a comment.
def truncate($bytes):
  [ foreach .[] as $line (0; . + ($line | utf8bytelength) + 1; if . <= $bytes then $line else empty end) ] as $first
  | $first + (if ($first | length) < length then ["", "*The rest doesn't fit into a comment.*"] else [] end);

.connections as $all
| ($all | map(select(.ok | not))) as $open
| [ # The workflow finds its own comment by this marker.
    "<!-- wintro-connections -->",
    "### Connections between Recruitee and Wintro",
    "",
    (if .failed then "**The plan failed.**"
     elif .changes then "\($open | length) of \($all | length) connections change or don't work."
     elif .unverified then "**No changes, but the API tokens could not be verified.**"
     else "No changes." end),
    (if ($open | length) > 0 then
       "",
       "| Connection | Company | Status | Apply | Why |",
       "|---|---|---|---|---|",
       ($open[]
         | [.address, .company_name // .company_id // "", .status // "", .action | code] + [.why | map(code) | join("; ")]
         | "| " + join(" | ") + " |")
     else empty end),
    (.messages[] | "", "**\(if .severity == "error" then "Error" else "Warning" end):** \(.summary | code)", "",
      (.detail | block | map(printable)[])) ]
| truncate(40000)[],
  (if $plan == "" then empty else
     "", "<details><summary>The whole plan</summary>", "",
     ($plan | block | truncate(19000) | map(printable)[]),
     "", "</details>"
   end)
