package io.limiter.client.sending;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Checks what a target is written like, so that a mistake is not taken for a service away. */
public final class Target {
  /** As gRPC resolves it by itself, such as {@code dns:///limiter.internal:8081}. */
  private static final Pattern RESOLVED = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/.*");

  private static final Pattern WEB =
      Pattern.compile("(?:https?|grpcs?)://.*", Pattern.CASE_INSENSITIVE);

  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(\\[[0-9A-Fa-f:.%a-z]+\\]|[^\\s:/\\[\\]@]+):([0-9]{1,5})");

  private static final int LAST_PORT = 65_535;

  private Target() {}

  /**
   * The target as gRPC takes it, if it is one or a list of them.
   *
   * @throws IllegalArgumentException otherwise; the message says what to write
   */
  public static String checked(String target) {
    if (!WEB.matcher(target).matches() && RESOLVED.matcher(target).matches()) {
      return target;
    }
    List<String> each =
        Arrays.stream(target.split(",", -1))
            .map(part -> hostAndPort(target.indexOf(',') < 0 ? part : part.strip()))
            .distinct()
            .toList();
    return each.size() == 1 ? each.get(0) : AddressList.target(each);
  }

  private static String hostAndPort(String target) {
    if (WEB.matcher(target).matches()) {
      throw bad(target, "is a web address", remedy(target));
    }
    if (RESOLVED.matcher(target).matches()) {
      throw bad(target, "cannot stand in a list", "write HOST:PORT,HOST:PORT");
    }
    var matcher = HOST_AND_PORT.matcher(target);
    if (!matcher.matches()) {
      throw bad(target, "is not HOST:PORT", remedy(target));
    }
    int port = Integer.parseInt(matcher.group(2));
    if (port == 0 || port > LAST_PORT) {
      throw bad(target, "has no port of a service", "use 1 to 65535, 8081 by default");
    }
    return target;
  }

  /** What was probably meant. */
  private static String remedy(String target) {
    String rest = target.replaceFirst("^[A-Za-z]+://", "").replaceFirst("/.*$", "");
    if (HOST_AND_PORT.matcher(rest).matches()) {
      return "write " + rest;
    }
    if (rest.chars().filter(letter -> letter == ':').count() > 1 && !rest.startsWith("[")) {
      return "write an IPv6 address in brackets, such as [::1]:8081";
    }
    if (!rest.isEmpty() && rest.matches("[A-Za-z0-9.-]+")) {
      return "write " + rest + ":8081";
    }
    return "write for example limiter.internal:8081";
  }

  private static IllegalArgumentException bad(String target, String why, String remedy) {
    return new IllegalArgumentException("target \"%s\" %s; %s".formatted(target, why, remedy));
  }
}
