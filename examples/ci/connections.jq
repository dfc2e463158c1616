# What a plan says about each connection: its status, what an apply would do, and why. The input is that of
# "terraform show -json"; $log has the lines of "terraform plan -json", and $code is the plan's exit code.

def difference($change):
  [ ($change.after_unknown | objects | keys[]) as $name
    | select($change.after_unknown[$name] == true)
    | "\($name): \($change.before[$name] | tojson) -> (known after apply)" ]
  + [ $change.after | keys[] as $name
      | select($change.before[$name] != .[$name] and ($change.after_unknown[$name] | not))
      | "\($name): \($change.before[$name] | tojson) -> \(.[$name] | tojson)" ];

[ $log[] | select(.type == "diagnostic") | .diagnostic | {severity, summary, detail, address} ] as $messages
| [ .resource_changes[]? | select(.mode == "managed" and .type == "wintro_recruitee_connection")
    | .address as $address
    | .change as $change
    | [ $messages[] | select(.address == $address) | .summary ] as $said
    | {
        address: $address,
        company_id: ($change.before // $change.after).company_id,
        company_name: $change.before.company_name,
        status: $change.before.status,
        action: ($change.actions | if . == ["no-op"] then "none" elif length == 2 then "replace" else .[0] end),
        why: (if ($said | length) > 0 then $said
              elif $change.actions == ["update"] or ($change.actions | length) == 2 then difference($change)
              else [] end)
      }
    | .ok = (.action == "none" and .why == [] and (.status == "active" or .status == "disabled")) ]
| {
    failed: ($code == 1),
    changes: ($code == 2),
    connections: .,
    messages: $messages
  }
