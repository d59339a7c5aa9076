package io.limiter.server.rules.profile;

import org.jspecify.annotations.Nullable;

/**
 * What a request is for.
 *
 * <p>The path is normalised, so that no way to write it leads past a limit: percent-escapes are
 * decoded once, {@code .} and {@code ..} are resolved, and a run of slashes is one. An escaped
 * slash is a slash, as nginx has it. What is no escape stays as it is; bytes that are no UTF-8 are
 * read as U+FFFD. Upper and lower case differ, and so does a slash at the end.
 *
 * @param path begins with a slash
 * @param query as it was sent, without the question mark; empty if there is none
 */
record Target(String path, String query) {

  /** Of a path and query, or of a whole URI. */
  static Target of(String uri) {
    int fragment = uri.indexOf('#');
    int end = fragment < 0 ? uri.length() : fragment;
    int mark = uri.indexOf('?');
    int pathEnd = mark < 0 || mark > end ? end : mark;
    String query = pathEnd == end ? "" : uri.substring(pathEnd + 1, end);
    int start = uri.startsWith("/") ? 0 : afterAuthority(uri, pathEnd);
    return new Target(normal(uri.substring(start, pathEnd)), query);
  }

  private static int afterAuthority(String uri, int end) {
    int scheme = uri.indexOf("://");
    if (scheme <= 0 || scheme > end) {
      return 0;
    }
    int slash = uri.indexOf('/', scheme + 3);
    return slash < 0 || slash > end ? end : slash;
  }

  private static String normal(String raw) {
    boolean plain = raw.startsWith("/");
    for (int i = 0; i < raw.length() && plain; i++) {
      char c = raw.charAt(i);
      boolean afterSlash = i > 0 && raw.charAt(i - 1) == '/';
      plain = c != '%' && c < 0x80 && !(afterSlash && (c == '/' || c == '.'));
    }
    return plain ? raw : resolved(Percent.decoded(raw));
  }

  private static String resolved(String path) {
    StringBuilder normal = new StringBuilder(path.length() + 1);
    int at = 0;
    boolean open = true;
    while (at <= path.length()) {
      int slash = path.indexOf('/', at);
      int end = slash < 0 ? path.length() : slash;
      String segment = path.substring(at, end);
      boolean goesUp = segment.equals("..");
      if (goesUp) {
        normal.setLength(Math.max(0, normal.lastIndexOf("/")));
      }
      open = goesUp || segment.isEmpty() || segment.equals(".");
      if (!open) {
        normal.append('/').append(segment);
      }
      at = end + 1;
    }
    return open ? normal.append('/').toString() : normal.toString();
  }

  /** A segment of the path, the first of which is 1; null if there is none. */
  @Nullable String segment(int number) {
    int start = 1;
    for (int i = 1; i < number; i++) {
      start = path.indexOf('/', start) + 1;
      if (start == 0) {
        return null;
      }
    }
    int end = path.indexOf('/', start);
    return end < 0 ? path.substring(start) : path.substring(start, end);
  }

  /** The decoded value of the first parameter of this name; null if there is none. */
  @Nullable String parameter(String name) {
    int at = 0;
    while (at < query.length()) {
      int next = query.indexOf('&', at);
      int end = next < 0 ? query.length() : next;
      int sign = query.indexOf('=', at);
      int nameEnd = sign < 0 || sign > end ? end : sign;
      if (isNamed(at, nameEnd, name)) {
        return nameEnd == end ? "" : Percent.decodedForm(query.substring(nameEnd + 1, end));
      }
      at = end + 1;
    }
    return null;
  }

  private boolean isNamed(int from, int to, String name) {
    boolean asIs = to - from == name.length() && query.startsWith(name, from);
    return asIs
        || (isEscaped(from, to) && Percent.decodedForm(query.substring(from, to)).equals(name));
  }

  private boolean isEscaped(int from, int to) {
    for (int i = from; i < to; i++) {
      char c = query.charAt(i);
      if (c == '%' || c == '+' || c >= 0x80) {
        return true;
      }
    }
    return false;
  }
}
