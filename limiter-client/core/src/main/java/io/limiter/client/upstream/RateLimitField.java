package io.limiter.client.upstream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The fields {@code RateLimit} and {@code RateLimit-Policy} of
 * draft-ietf-httpapi-ratelimit-headers-10: lists (RFC 9651) of names with parameters. Of a limit
 * {@code r} is what remains and {@code t} the seconds until more does. Of a policy {@code q} is the
 * quota, {@code w} the window in seconds, and {@code qu} the unit.
 *
 * <p>Version 07 of the draft had {@code limit=100, remaining=50, reset=30} instead.
 *
 * <p>Reads leniently: a member that cannot be read is left out, and does not spoil the others.
 */
final class RateLimitField {
  private static final int MOST_MEMBERS = 32;

  private RateLimitField() {}

  /** A name and its parameters. */
  private record Member(String name, Map<String, String> parameters) {
    OptionalLong number(String key) {
      String value = parameters.get(key);
      return value == null ? OptionalLong.empty() : Numbers.count(value);
    }

    Optional<Duration> seconds(String key) {
      return Optional.ofNullable(parameters.get(key)).flatMap(Times::seconds);
    }
  }

  static List<Statement> read(String limits, String policies) {
    Map<String, Member> byName = new HashMap<>();
    members(policies).forEach(policy -> byName.putIfAbsent(policy.name, policy));
    List<Statement> statements = new ArrayList<>();
    Map<String, String> version07 = new HashMap<>();
    for (Member limit : members(limits)) {
      int equals = limit.name.indexOf('=');
      if (equals > 0) {
        version07.put(
            limit.name.substring(0, equals).trim().toLowerCase(Locale.ROOT),
            limit.name.substring(equals + 1).trim());
      } else if (limit.number("r").isPresent()) {
        Member policy = byName.getOrDefault(limit.name, new Member("", Map.of()));
        String unit = policy.parameters.getOrDefault("qu", "");
        statements.add(
            new Statement(
                unit.equals("requests") ? "" : unit,
                policy.number("q"),
                limit.number("r"),
                // Without it, the window is the longest that it can be.
                limit.seconds("t").or(() -> policy.seconds("w"))));
      }
    }
    Member old = new Member("", version07);
    if (old.number("remaining").isPresent()) {
      statements.add(
          new Statement("", old.number("limit"), old.number("remaining"), old.seconds("reset")));
    }
    return statements;
  }

  private static List<Member> members(String field) {
    List<Member> members = new ArrayList<>();
    for (String member : split(field, ',')) {
      List<String> parts = split(member, ';');
      Map<String, String> parameters = new HashMap<>();
      for (String part : parts.subList(1, parts.size())) {
        int equals = part.indexOf('=');
        if (equals > 0) {
          parameters.put(
              part.substring(0, equals).trim().toLowerCase(Locale.ROOT),
              unquoted(part.substring(equals + 1)));
        }
      }
      members.add(new Member(unquoted(parts.get(0)), parameters));
      if (members.size() == MOST_MEMBERS) {
        break;
      }
    }
    return members;
  }

  private static String unquoted(String text) {
    String trimmed = text.trim();
    boolean quoted = trimmed.length() > 1 && trimmed.startsWith("\"") && trimmed.endsWith("\"");
    return quoted
        ? trimmed.substring(1, trimmed.length() - 1).replaceAll("\\\\(.)", "$1")
        : trimmed;
  }

  /** At a separator that stands in no string; at least one part. */
  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == separator && !quoted) {
        parts.add(text.substring(from, i));
        from = i + 1;
      }
    }
    parts.add(text.substring(from));
    return parts;
  }
}
