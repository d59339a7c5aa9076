-- What of a book expires first: the holds of its list and those aside, one after the other.

-- When so much will have expired; nil if never.
local function book_frees(book, needed)
  local index, listed, place = book[SWEPT] - book[BASE] + 1, {}, 0
  -- In pieces too: of what lies aside, mostly the first is enough.
  local aside, beside, offset = {}, 1, 0
  while true do
    local hold
    while not hold do
      place = place + 1
      if place > #listed then
        listed = call('LRANGE', book[LIST], whole(index), whole(index + PIECE - 1))
        index, place = index + #listed, 1
      end
      local entry = listed[place]
      if not entry then
        break
      end
      hold = #entry == HOLD_BYTES and read_hold(entry) or nil
      if hold and hold.stop <= book[AT] then
        hold = nil
      end
    end
    if not aside[beside] and offset and book[ASIDE_DUE] < FOREVER then
      aside = call(
        'ZRANGEBYSCORE',
        book[ORDER],
        '(' .. whole(book[AT]),
        '+inf',
        'WITHSCORES',
        'LIMIT',
        whole(offset),
        whole(PIECE)
      )
      beside, offset = 1, #aside == 2 * PIECE and offset + PIECE
    end
    local other = tonumber(aside[beside + 1])
    if other and (not hold or other < hold.stop) then
      if hold then
        place = place - 1
      end
      hold = read_aside(book, aside[beside])
      beside = beside + 2
    end
    if not hold then
      return nil
    end
    needed = needed - hold.cost
    if needed <= 0 then
      return hold.stop
    end
  end
end

-- Ends what expires first, as far as it comes to so much.
local function book_end_first(book, cost)
  local index, last = book[SWEPT] - book[BASE] + 1, book[NEXT] - book[BASE]
  while cost > 0 do
    local hold, place
    while not hold and index <= last do
      local entry = call('LINDEX', book[LIST], whole(index))
      if #entry == HOLD_BYTES and read_hold(entry).stop > book[AT] then
        hold, place = read_hold(entry), index
      else
        index = index + 1
      end
    end
    local beside = book[ASIDE_DUE] < FOREVER
        and call('ZRANGEBYSCORE', book[ORDER], '(' .. whole(book[AT]), '+inf', 'WITHSCORES', 'LIMIT', '0', '1')
      or {}
    if beside[1] and not (hold and hold.stop <= tonumber(beside[2])) then
      hold, place = read_aside(book, beside[1]), nil
    end
    if not hold then
      return
    end
    local ended = hold.cost < cost and hold.cost or cost
    cost, book[HELD] = cost - ended, book[HELD] - ended
    if ended == hold.cost then
      local base = book[BASE]
      book_remove(book, hold, place)
      -- More may have gone with it: what had ended behind it.
      index, last = math.max(1, index - (book[BASE] - base)), book[NEXT] - book[BASE]
    else
      hold.cost, hold.fresh = hold.cost - ended, hold.fresh > ended and hold.fresh - ended or 0
      if place then
        call('LSET', book[LIST], whole(place), write_hold(hold))
      else
        call('HSET', book[ASIDE], hold.name, write_hold(hold))
      end
    end
  end
end
