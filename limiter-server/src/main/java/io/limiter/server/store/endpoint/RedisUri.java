package io.limiter.server.store.endpoint;

import com.google.common.net.InetAddresses;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code redis[s]://[USER:PASSWORD@]HOST[:PORT][/DATABASE]} by RFC 3986, to the letter.
 *
 * <p>Lenient parsers take what follows an unescaped {@code @}, {@code #} or {@code /} in a password
 * for a host, and ask DNS for it. Here all up to the last {@code @} is user and password, and must
 * be escaped. No message holds a part of the URI: any part may be a piece of a password.
 */
final class RedisUri {
  private static final int DEFAULT_PORT = 6379;
  private static final String WRITE = "write redis://HOST:6379, or rediss:// for TLS";

  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://(.*)");
  private static final Pattern PLACE =
      Pattern.compile("(\\[[^\\]]*\\]|[^:/?#]*)(?::([^/?#]*))?(?:/([^?#]*))?(.*)");

  /** What RFC 3986 lets stand in a user or a password: {@code :} too, behind the first. */
  private static final Pattern USER_INFO =
      Pattern.compile("(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*");

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

  private RedisUri() {}

  static RedisEndpoint parse(String uri) {
    Matcher scheme = SCHEME.matcher(uri);
    if (!scheme.matches()) {
      throw bad("does not begin with redis://; " + WRITE);
    }
    boolean tls = tls(scheme.group(1).toLowerCase(Locale.ROOT));
    String rest = scheme.group(2);
    int at = rest.lastIndexOf('@');
    Credentials credentials = at < 0 ? Credentials.NONE : credentials(rest.substring(0, at));
    Matcher place = PLACE.matcher(rest.substring(at + 1));
    if (!place.matches() || !place.group(4).isEmpty()) {
      throw bad(
          "has ? or # behind the host. There are no parameters; in a password write %3F and %23");
    }
    return new RedisEndpoint(
        tls,
        host(place.group(1)),
        port(place.group(2)),
        database(place.group(3)),
        credentials,
        Optional.empty());
  }

  private static boolean tls(String scheme) {
    return switch (scheme) {
      case "redis" -> false;
      case "rediss" -> true;
      case "redis-sentinel", "rediss-sentinel" ->
          throw bad("names Sentinels, which are not supported; name the primary: " + WRITE);
      case "redis-cluster", "rediss-cluster" ->
          throw bad("names a Cluster, which is not supported; name one Redis: " + WRITE);
      case "redis-socket", "redis+socket", "unix" ->
          throw bad("names a Unix socket, which is not supported; " + WRITE);
      default -> throw bad("does not begin with redis://; " + WRITE);
    };
  }

  private static Credentials credentials(String userInfo) {
    if (!USER_INFO.matcher(userInfo).matches()) {
      throw bad(
          "has a user or password with characters that must be escaped; write %40 for @, %23 for #,"
              + " %2F for /, %3F for ?, %25 for %, %20 for a space,"
              + " or put the password into a file and name that with --redis-password-file");
    }
    int colon = userInfo.indexOf(':');
    String user = colon < 0 ? "" : decoded(userInfo.substring(0, colon));
    String password = decoded(userInfo.substring(colon + 1));
    if (password.isEmpty()) {
      throw bad("has @ but no password; write redis://USER:PASSWORD@HOST:6379, or leave out the @");
    }
    return new Credentials.Given(user.isEmpty() ? Optional.empty() : Optional.of(user), password);
  }

  /** A plus is itself: only forms of the web write a space so. */
  private static String decoded(String escaped) {
    return URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static String host(String text) {
    if (text.startsWith("[")) {
      String address = text.substring(1, text.length() - 1);
      if (IPV6.matcher(address).matches() && InetAddresses.isInetAddress(address)) {
        return address;
      }
      throw bad("has no IPv6 address between its brackets; write redis://[::1]:6379");
    }
    if (!NAME.matcher(text).matches()) {
      throw bad("has no name or address of a host where one is due; " + WRITE);
    }
    return text;
  }

  private static int port(@Nullable String text) {
    if (text == null) {
      return DEFAULT_PORT;
    }
    int port = number(text);
    if (port < 1 || port > 65_535) {
      throw bad(
          "has no port from 1 to 65535 behind the host's colon;"
              + " write redis://HOST:6379, redis://[::1]:6379 for IPv6,"
              + " or redis://USER:PASSWORD@HOST:6379");
    }
    return port;
  }

  private static int database(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return 0;
    }
    int database = number(text);
    if (database < 0) {
      throw bad("has no number of a database behind the slash; write redis://HOST:6379/0");
    }
    return database;
  }

  /** A whole number of up to nine ASCII digits; -1 for anything else. */
  private static int number(String text) {
    return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
  }

  private static IllegalArgumentException bad(String what) {
    return new IllegalArgumentException(what);
  }
}
