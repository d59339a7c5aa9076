package io.limiter.server.cli.environment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The variables of envoyproxy/ratelimit, and what stands for them here. None is read: what they
 * leave out means something else there.
 */
public final class EnvoyVariables {
  /** Names that other programs hardly have. {@code PORT} alone tells nothing. */
  private static final List<String> TELLING =
      List.of("REDIS_URL", "REDIS_SOCKET_TYPE", "RUNTIME_ROOT", "RUNTIME_SUBDIRECTORY", "GRPC_UDS");

  /** What may be repeated: a host and a port. A URI may hold a password. */
  private static final Pattern HOST_AND_PORT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*:[0-9]+");

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._/-]+");

  private static final Map<String, String> ALIKE = new LinkedHashMap<>();

  static {
    ALIKE.put("PORT", "LIMITER_HTTP_PORT");
    ALIKE.put("GRPC_PORT", "LIMITER_GRPC_PORT");
    ALIKE.put("GRPC_UDS", "LIMITER_GRPC_UDS");
    ALIKE.put("HOST", "LIMITER_BIND");
    ALIKE.put("GRPC_HOST", "LIMITER_BIND");
    ALIKE.put("GRPC_MAX_CONNECTION_AGE", "LIMITER_GRPC_MAX_CONNECTION_AGE");
    ALIKE.put("GRPC_MAX_CONNECTION_AGE_GRACE", "LIMITER_GRPC_MAX_CONNECTION_AGE_GRACE");
    ALIKE.put("REDIS_TLS_CACERT", "LIMITER_REDIS_CA");
    ALIKE.put("REDIS_TLS_CLIENT_CERT", "LIMITER_REDIS_CERT");
    ALIKE.put("REDIS_TLS_CLIENT_KEY", "LIMITER_REDIS_KEY");
    ALIKE.put("LOG_LEVEL", "LIMITER_LOG_LEVEL");
  }

  private EnvoyVariables() {}

  /**
   * What to set in the place of those that are there, a line each. Empty if nothing tells that the
   * environment is that program's.
   */
  public static List<String> replacements(Map<String, String> environment) {
    List<String> lines = new ArrayList<>();
    if (TELLING.stream().noneMatch(name -> isSet(environment, name))) {
      return lines;
    }
    if (isSet(environment, "REDIS_URL") || isSet(environment, "REDIS_SOCKET_TYPE")) {
      lines.add("for REDIS_URL set LIMITER_REDIS=" + redis(environment));
    }
    if (isSet(environment, "REDIS_AUTH")) {
      lines.add("for REDIS_AUTH set LIMITER_REDIS_PASSWORD_FILE to a file that holds it");
    }
    if (isSet(environment, "RUNTIME_ROOT") || isSet(environment, "RUNTIME_SUBDIRECTORY")) {
      lines.add(
          "for RUNTIME_ROOT and RUNTIME_SUBDIRECTORY set LIMITER_RULES=" + rules(environment));
    }
    ALIKE.forEach(
        (theirs, ours) -> {
          if (isSet(environment, theirs)) {
            String value = environment.getOrDefault(theirs, "");
            lines.add(
                "for %s set %s%s"
                    .formatted(theirs, ours, PLAIN.matcher(value).matches() ? "=" + value : ""));
          }
        });
    if (environment.getOrDefault("LOG_FORMAT", "").equals("json")) {
      lines.add("for LOG_FORMAT set LIMITER_LOG_JSON=true");
    }
    if (environment.getOrDefault("SHADOW_MODE", "").equals("true")) {
      lines.add("for SHADOW_MODE set LIMITER_RLS_MODE=shadow");
    }
    return lines;
  }

  private static boolean isSet(Map<String, String> environment, String name) {
    return !environment.getOrDefault(name, "").isEmpty();
  }

  private static String redis(Map<String, String> environment) {
    String url = environment.getOrDefault("REDIS_URL", "");
    boolean tls = environment.getOrDefault("REDIS_TLS", "").equals("true");
    return (tls ? "rediss://" : "redis://")
        + (HOST_AND_PORT.matcher(url).matches() ? url : "HOST:6379");
  }

  /** They look into ROOT/SUBDIRECTORY/APPDIRECTORY, the last of which is config by default. */
  private static String rules(Map<String, String> environment) {
    List<String> parts = new ArrayList<>();
    parts.add(environment.getOrDefault("RUNTIME_ROOT", "/srv/runtime_data/current"));
    parts.add(environment.getOrDefault("RUNTIME_SUBDIRECTORY", ""));
    parts.add(environment.getOrDefault("RUNTIME_APPDIRECTORY", "config"));
    parts.removeIf(String::isEmpty);
    String path = String.join("/", parts).replaceAll("/+", "/");
    return PLAIN.matcher(path).matches() ? path : "DIR";
  }
}
