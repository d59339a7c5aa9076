-- Ends what has expired of a book: whoever asks about its counter next does so first. Nobody else would.

-- Gives back to a counter what was charged for holds: to each window once.
local function give_holds_back(counter_key, row, holds)
  local letter, marks, sums = row.letter, {}, {}
  for i = 1, #holds do
    local hold = holds[i]
    if hold.fresh > 0 then
      local mark = letter == 'l' and hold.at or letter == 'c' and hold.at - hold.at % row.window or hold.window
      if not sums[mark] then
        marks[#marks + 1] = mark
        sums[mark] = { 0, hold.at, hold.window }
      end
      sums[mark][1] = sums[mark][1] + hold.fresh
    end
  end
  table.sort(marks)
  if #marks > 1 and give_back_all[letter] then
    give_back_all[letter](counter_key, marks, sums)
    return
  end
  for i = 1, #marks do
    local sum = sums[marks[i]]
    refunds[letter](counter_key, sum[1], sum[2], sum[3])
  end
end

-- Ends what has expired by now.
local function book_sweep(book)
  local at = book[AT]
  if at < book[DUE] and at < book[ASIDE_DUE] then
    return
  end
  local over, piece = {}, FEW
  while book[DUE] <= at do
    local index = book[SWEPT] - book[BASE] + 1
    local entries = call('LRANGE', book[LIST], whole(index), whole(index + piece - 1))
    local due
    for i = 1, #entries do
      if #entries[i] == HOLD_BYTES then
        local hold = read_hold(entries[i])
        if hold.stop > at then
          due = hold.stop
          break
        end
        over[#over + 1] = hold
      end
      book[SWEPT] = book[SWEPT] + 1
    end
    book[DUE] = due or (#entries < piece and FOREVER) or book[DUE]
    piece = PIECE
  end
  if book[ASIDE_DUE] <= at then
    local names = call('ZRANGEBYSCORE', book[ORDER], '(' .. whole(book[LAST]), whole(at))
    for i = 1, #names do
      over[#over + 1] = read_aside(book, names[i])
    end
    local following =
      call('ZRANGEBYSCORE', book[ORDER], '(' .. whole(at), '+inf', 'WITHSCORES', 'LIMIT', '0', '1')
    book[ASIDE_DUE] = tonumber(following[2]) or FOREVER
    local forgotten = call('ZRANGEBYSCORE', book[ORDER], '-inf', whole(at - KEPT))
    for i = 1, #forgotten do
      call('HDEL', book[ASIDE], forgotten[i])
      call('ZREM', book[ORDER], forgotten[i])
    end
  end
  local free = {}
  for i = 1, #over do
    book[HELD] = book[HELD] - over[i].cost
    if not over[i].charged then
      free[#free + 1] = over[i]
    end
  end
  give_holds_back(book[COUNTER], book[ROW], free)
  book_drop(book)
  book_write(book)
end
