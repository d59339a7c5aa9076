-- Answers the questions one after another: the end of `decide`.
while arg <= arguments do
  local plan = plan_at(arg)
  arg = arg + 1
  if not plan then
    local text = ARGV[arg - 1]
    local last = tonumber(text)
    if last then
      expired = now > last
    else
      answer_with_header(text)
    end
  elseif expired then
    pass_over(plan)
  else
    answer_run(plan)
  end
end
if credited then
  tell_credits(credited)
end
return out
