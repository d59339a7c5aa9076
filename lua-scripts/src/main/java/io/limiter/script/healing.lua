-- Opens books, and heals those that a part is missing from, or that another stands in for.
--
-- A book is three keys, and Redis may lose each alone, as where it evicts keys or somebody deletes them. Then what is
-- lost is not held any more. A counter that is nothing but holds is free of it. What others were charged for it stays
-- charged, as for a hold that nobody settles.
--
-- What a book says that is gone from it shows so:
--   the list      there is none: all that the counter was said to hold is lost
--   what is aside the book has set holds aside, and of their names and their order one has more than the other, or both
--                 have none though one of them would be due. What is there of them goes too: nobody could tell which
--                 holds it lacks
-- A key of another type is reported as BROKEN, and left alone.

-- What is held in the list.
local function listed_of(book)
  local sum, index = 0, book[SWEPT] - book[BASE] + 1
  repeat
    local entries = call('LRANGE', book[LIST], whole(index), whole(index + PIECE - 1))
    for i = 1, #entries do
      local hold = #entries[i] == HOLD_BYTES and read_hold(entries[i])
      if hold and hold.stop > book[LAST] then
        sum = sum + hold.cost
      end
    end
    index = index + #entries
  until #entries < PIECE
  return sum
end

-- Drops what is left aside of a book that lost some of it. Returns how much it has lost; nil and what a row's check says
-- where it cannot be looked at.
local function book_heal_aside(book)
  local named, ordered = pcall('HLEN', book[ASIDE]), pcall('ZCARD', book[ORDER])
  if type(named) == 'table' then
    return nil, unreadable(book[ASIDE], named)
  elseif type(ordered) == 'table' then
    return nil, unreadable(book[ORDER], ordered)
  elseif named == ordered and (named > 0 or book[ASIDE_DUE] == FOREVER) then
    return 0
  end
  local listed = listed_of(book)
  local lost = book[HELD] - listed
  book[HELD], book[ASIDE_DUE] = listed, FOREVER
  call('DEL', book[ASIDE], book[ORDER])
  book_write(book)
  return lost
end

-- Opens a book, as book_read does, and heals it.
local function book_open(place, counter_key, row, name)
  local book, code, detail = book_read(place, counter_key, row, name)
  if not book then
    return nil, code, detail
  end
  local lost = book[IS_NEW] and FOREVER or 0
  if book[ASIDES] > 0 then
    lost, code, detail = book_heal_aside(book)
    if not lost then
      return nil, code, detail
    end
  end
  if lost > 0 and row.letter == HELD_LETTER then
    refunds[HELD_LETTER](counter_key, lost)
  end
  return book
end
