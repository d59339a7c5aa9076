-- Answers the questions one after another: the end of `decide`.
local arguments = #ARGV
while arg <= arguments do
  local plan = plan_at(arg)
  arg = arg + 1
  if plan then
    answer_run(plan)
  else
    answer_with_header(ARGV[arg - 1])
  end
end
if credited then
  tell_credits(credited)
end
return out
