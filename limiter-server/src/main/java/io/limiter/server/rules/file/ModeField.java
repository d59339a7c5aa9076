package io.limiter.server.rules.file;

import io.limiter.server.rules.syntax.Syntax;
import java.util.Locale;
import java.util.Map;

/** What the field {@code mode} of a rules file says. */
enum ModeField {
  ENFORCE,
  SHADOW,
  OFF;

  static final Map<String, ModeField> BY_WORD =
      Syntax.words(values(), mode -> mode.name().toLowerCase(Locale.ROOT));
}
