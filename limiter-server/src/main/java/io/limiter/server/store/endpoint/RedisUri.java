package io.limiter.server.store.endpoint;

import com.google.common.net.InetAddresses;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads these, by RFC 3986 and to the letter; {@code rediss} stands for TLS:
 *
 * <pre>{@code
 * redis[s]://[USER:PASSWORD@]HOST[:PORT][/DATABASE]
 * redis[s]-sentinel://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]...][/DATABASE]#PRIMARY
 * redis[s]-cluster://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]...][/0]
 * redis-socket://[USER:PASSWORD@]/PATH[?database=DATABASE]
 * }</pre>
 *
 * <p>Lenient parsers take what follows an unescaped {@code @}, {@code #} or {@code /} in a password
 * for a host, and ask DNS for it. Here all up to the last {@code @} is user and password, and must
 * be escaped. No message holds a part of the URI: any part may be a piece of a password.
 *
 * <p>The database of a socket is a parameter, as Lettuce has it: behind the path it would be a part
 * of the path.
 */
final class RedisUri {
  /** What the system's address of a socket has room for. */
  private static final int MOST_PATH_BYTES = 107;

  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://(.*)");
  private static final Pattern PLACE = Pattern.compile("([^/?#]*)(?:/([^?#]*))?(?:#([^?#]*))?(.*)");
  private static final Pattern HOST = Pattern.compile("(\\[[^\\]]*\\]|[^:]*)(?::(.*))?");
  private static final Pattern SOCKET =
      Pattern.compile("(/[^?#]*[^?#/])(?:\\?database=([^?#&]*))?(.*)");

  /** What RFC 3986 lets stand in a user or a password: {@code :} too, behind the first. */
  private static final Pattern USER_INFO =
      Pattern.compile("(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*");

  private static final Pattern PATH = Pattern.compile("(?:[^%\\p{Cntrl}]|%[0-9A-Fa-f]{2})*");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]{2,45}");

  /** What Sentinels take for the name of a primary. */
  private static final Pattern PRIMARY = Pattern.compile("[A-Za-z0-9._-]{1,255}");

  private static final String A_SOCKET = "redis-socket:///run/redis/redis.sock";

  private final UriForm form;

  private RedisUri(UriForm form) {
    this.form = form;
  }

  static RedisEndpoint parse(String uri) {
    Matcher parts = SCHEME.matcher(uri);
    if (!parts.matches()) {
      throw unknownScheme();
    }
    String scheme = parts.group(1).toLowerCase(Locale.ROOT);
    boolean tls = scheme.startsWith("rediss");
    String plain = tls ? scheme.replaceFirst("rediss", "redis") : scheme;
    UriForm form =
        Arrays.stream(UriForm.values())
            .filter(one -> one.scheme().equals(plain))
            .findFirst()
            .orElseThrow(
                () ->
                    plain.equals("redis+socket") || plain.equals("unix")
                        ? bad("names a Unix socket in another form; write " + A_SOCKET)
                        : unknownScheme());
    if (tls && form == UriForm.SOCKET) {
      throw bad("names TLS to a Unix socket, which has none; write " + A_SOCKET);
    }
    return new RedisUri(form)
        .read(parts.group(2), tls ? Optional.of(Tls.DEFAULT) : Optional.empty());
  }

  private RedisEndpoint read(String rest, Optional<Tls> tls) {
    int at = rest.lastIndexOf('@');
    Credentials credentials = at < 0 ? Credentials.NONE : credentials(rest.substring(0, at));
    String place = rest.substring(at + 1);
    if (form == UriForm.SOCKET) {
      return socket(place, credentials);
    }
    Matcher parts = PLACE.matcher(place);
    boolean named = form == UriForm.SENTINELS;
    if (!parts.matches() || !parts.group(4).isEmpty() || (!named && parts.group(3) != null)) {
      throw bad(
          named
              ? "has ? or # where none may stand. There are no parameters; in a password write %3F"
                  + " and %23"
              : "has ? or # behind the host. There are no parameters; in a password write %3F and"
                  + " %23");
    }
    List<HostPort> hosts = hosts(parts.group(1));
    int database = database(parts.group(2));
    return new RedisEndpoint(
        switch (form) {
          case SENTINELS ->
              new RedisPlace.Sentinels(hosts, primary(parts.group(3)), Credentials.NONE);
          case CLUSTER -> new RedisPlace.Cluster(hosts);
          default -> new RedisPlace.Standalone(hosts.get(0));
        },
        database,
        credentials,
        tls);
  }

  private RedisEndpoint socket(String text, Credentials credentials) {
    if (!text.startsWith("/")) {
      throw bad("has no absolute path of a socket; write " + A_SOCKET + ", with three slashes");
    }
    Matcher parts = SOCKET.matcher(text);
    if (!parts.matches() || !parts.group(3).isEmpty()) {
      throw bad(
          "has no path of a socket, or more behind it than ?database=N; write "
              + A_SOCKET
              + "?database=0, and in a path %3F for ?, %23 for #, %40 for @");
    }
    if (!PATH.matcher(parts.group(1)).matches()) {
      throw bad("has a path of a socket with characters that must be escaped; write %25 for %");
    }
    String path = decoded(parts.group(1));
    if (path.getBytes(StandardCharsets.UTF_8).length > MOST_PATH_BYTES
        || path.chars().anyMatch(Character::isISOControl)) {
      throw bad(
          "has a path of more than 107 bytes, or with control characters, which no socket has;"
              + " name the socket by another path, such as a link");
    }
    return new RedisEndpoint(
        new RedisPlace.Socket(Path.of(path)),
        database(parts.group(2)),
        credentials,
        Optional.empty());
  }

  private Credentials credentials(String userInfo) {
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
      throw bad("has @ but no password; write " + form.withLogin() + ", or leave out the @");
    }
    return new Credentials.Given(user.isEmpty() ? Optional.empty() : Optional.of(user), password);
  }

  /** A plus is itself: only forms of the web write a space so. */
  private static String decoded(String escaped) {
    return URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private List<HostPort> hosts(String text) {
    return form == UriForm.STANDALONE
        ? List.of(host(text))
        : Arrays.stream(text.split(",", -1)).map(this::host).toList();
  }

  private HostPort host(String text) {
    Matcher parts = HOST.matcher(text);
    if (!parts.matches()) {
      throw noHost();
    }
    String host = parts.group(1);
    if (host.startsWith("[")) {
      String address = host.substring(1, Math.max(1, host.length() - 1));
      if (!host.endsWith("]")
          || !IPV6.matcher(address).matches()
          || !InetAddresses.isInetAddress(address)) {
        throw bad("has no IPv6 address between its brackets; write " + form.withIpv6());
      }
      return new HostPort(address, port(parts.group(2)));
    }
    if (!NAME.matcher(host).matches()) {
      throw noHost();
    }
    return new HostPort(host, port(parts.group(2)));
  }

  private IllegalArgumentException noHost() {
    return bad("has no name or address of a host where one is due; " + form.write());
  }

  private int port(@Nullable String text) {
    if (text == null) {
      return form.defaultPort();
    }
    int port = number(text);
    if (port < 1 || port > 65_535) {
      throw bad(
          "has no port from 1 to 65535 behind the host's colon; write %s, %s for IPv6, or %s"
              .formatted(form.example(), form.withIpv6(), form.withLogin()));
    }
    return port;
  }

  private static String primary(@Nullable String name) {
    if (name == null || !PRIMARY.matcher(name).matches()) {
      throw bad(
          "has no name of a primary behind #, in letters, digits, dots, dashes and underscores;"
              + " write redis-sentinel://HOST:26379,HOST:26379#PRIMARY");
    }
    return name;
  }

  private int database(@Nullable String text) {
    if (text == null || (text.isEmpty() && form != UriForm.SOCKET)) {
      return 0;
    }
    int database = number(text);
    if (form == UriForm.CLUSTER && database != 0) {
      throw bad("has a database behind the slash, and a Cluster has 0 alone; leave it out");
    }
    if (database < 0) {
      throw bad(
          form == UriForm.SOCKET
              ? "has no number of a database behind ?database=; write " + A_SOCKET + "?database=0"
              : "has no number of a database behind the slash; write "
                  + (form == UriForm.SENTINELS
                      ? "redis-sentinel://HOST:26379/0#PRIMARY"
                      : "redis://HOST:6379/0"));
    }
    return database;
  }

  /** A whole number of up to nine ASCII digits; -1 for anything else. */
  private static int number(String text) {
    return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
  }

  private static IllegalArgumentException unknownScheme() {
    return bad("does not begin with redis://; " + UriForm.STANDALONE.write());
  }

  private static IllegalArgumentException bad(String what) {
    return new IllegalArgumentException(what);
  }
}
