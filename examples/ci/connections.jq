# What a plan says about each connection: its status, what an apply would do, and why. The input is that of
# "terraform show -json"; $log has the lines of "terraform plan -json", and $code is the plan's exit code.

# What an update changes. What is known only after the apply counts if there is nothing else.
def differences:
  . as $change
  | [ .after | keys[] | select($change.before[.] != $change.after[.] and ($change.after_unknown[.] | not))
      | "\(.): \($change.before[.] | tojson) -> \($change.after[.] | tojson)" ]
  | if length > 0 then . else
      [ $change.after_unknown | keys[] | "\(.): \($change.before[.] | tojson) -> (known after apply)" ]
    end;

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
              elif $change.actions == ["update"] or ($change.actions | length) == 2 then $change | differences
              else [] end)
      }
    | .ok = (.action == "none" and .why == [] and (.status == "active" or .status == "disabled")) ]
| {
    failed: ($code == 1),
    changes: ($code == 2),
    connections: .,
    messages: $messages
  }
