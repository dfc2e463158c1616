# Reports each connection of a plan: its status, what an apply would do, and why. The input is the output of
# "terraform show -json"; $log is the output of "terraform plan -json", and $code is the plan's exit code.
#
# The input and $log contain secrets in clear text, so this file reports only a fixed set of values. Don't add others.

# reported lists the attributes whose values are reported. None of them can be a secret.
def reported: ["company_id", "name", "enabled", "require_administrator", "status", "api_token_fingerprint"];

# marked returns true if Terraform knows that the attribute's value is sensitive.
def marked($marks; $attribute): $marks == true or ($marks | type == "object" and .[$attribute] == true);

# value returns an attribute before or after the change. It hides sensitive values.
def value($values; $marks; $attribute):
  if marked($marks; $attribute) then "(sensitive value)" else $values[$attribute] | tojson end;

# differences names the attributes that an update changes. If no other attribute changes, it names those whose values
# are known only after the apply.
def differences:
  . as $change
  | [ .after | keys[] | select($change.before[.] != $change.after[.] and ($change.after_unknown[.] | not)) ] as $changed
  | if ($changed | length) > 0 then
      [ $changed[] as $attribute
        | if reported | index([$attribute]) then
            "\($attribute): \(value($change.before; $change.before_sensitive; $attribute)) -> \(value($change.after; $change.after_sensitive; $attribute))"
          else "\($attribute): (not shown)" end ]
    else
      [ $change.after_unknown | keys[] | "\(.): (known after apply)" ]
    end;

# companyID returns company_id if it is a number, or else null, because company_id may contain a token by mistake.
def companyID:
  if .before.company_id then {values: .before, marks: .before_sensitive} else {values: .after, marks: .after_sensitive} end
  | if marked(.marks; "company_id") then null else .values.company_id // "" | select(test("^[0-9]{1,19}$")) // null end;

# If Terraform was killed, the last line is incomplete.
[ $log | split("\n")[] | fromjson? | select(.type == "diagnostic") | .diagnostic | {severity, summary, detail, address} ] as $messages
# Terraform prints this warning only once, so report it for every active connection.
| ([ $messages[].summary | select(startswith("API tokens could not be verified")) ] | first) as $unverified
| [ .resource_changes[]? | select(.mode == "managed" and .type == "wintro_recruitee_connection")
    | .address as $address
    | .change as $change
    # Exclude the warning that Terraform prints in every plan with a plain api_token, even if the connection works.
    | [ $messages[] | select(.address == $address) | .summary | select(. != "Available Write-Only Attribute Alternative") ]
      + (if $change.before.status == "active" then [$unverified | values] else [] end)
      | unique as $said
    | {
        address: $address,
        company_id: ($change | companyID),
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
    unverified: ($unverified != null),
    connections: .,
    messages: $messages
  }
