-- Headers of questions that ask shared counters: each of these has two more keys, behind all others: who is active,
-- and the tenant's record. So many plus signs stand behind the header's flags.
setmetatable(headers, {
  __index = function(all, text)
    local plain, shared = string.match(text, '^([^+]+)(%++)$')
    if not plain then
      return nil
    end
    local header = header_of(plain)
    all[plain] = nil
    header.keys = header.keys + 2 * #shared
    all[text] = header
    return header
  end,
})
