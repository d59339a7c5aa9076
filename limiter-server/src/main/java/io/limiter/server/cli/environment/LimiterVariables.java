package io.limiter.server.cli.environment;

import io.limiter.server.rules.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The {@code LIMITER_*} variables that no option reads.
 *
 * @param misspelt a message for each that is near a real one, with that one
 * @param unknown those that are near none
 * @param launcher those that only bin/limiter reads, which did not run this
 * @param serviceLinks those that Kubernetes sets for Services whose names begin with limiter
 */
public record LimiterVariables(
    List<String> misspelt, Set<String> unknown, Set<String> launcher, Set<String> serviceLinks) {
  private static final String PREFIX = "LIMITER_";

  private static final String JAVA_OPTIONS = "LIMITER_JAVA_OPTS";

  /** Of bin/limiter, which reads them before this program runs, and does not pass them on. */
  private static final Set<String> OF_THE_LAUNCHER = Set.of("LIMITER_CACHE", JAVA_OPTIONS);

  private static final Pattern LINK_NAME =
      Pattern.compile(
          "LIMITER(?:_[A-Z0-9_]+)?_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?"
              + "|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)");
  private static final Pattern PORT_NAME = Pattern.compile("LIMITER(?:_[A-Z0-9_]+)?_PORT");
  private static final Pattern LINK_VALUE = Pattern.compile("(?:tcp|udp|sctp)://.+:[0-9]+");

  public LimiterVariables {
    misspelt = List.copyOf(misspelt);
    unknown = Set.copyOf(unknown);
    launcher = Set.copyOf(launcher);
    serviceLinks = Set.copyOf(serviceLinks);
  }

  /**
   * Finds them. An empty variable counts as absent.
   *
   * @param known the variables that the options of all commands read
   * @param read those of them that the command at hand reads: what another command reads is not
   *     unknown, but may be a typo all the same
   */
  public static LimiterVariables of(
      Map<String, String> environment, Set<String> known, Set<String> read) {
    List<String> misspelt = new ArrayList<>();
    Set<String> unknown = new TreeSet<>();
    Set<String> launcher = new TreeSet<>();
    Set<String> links = new TreeSet<>();
    new TreeMap<>(environment)
        .forEach(
            (name, value) -> {
              String upper = name.toUpperCase(Locale.ROOT);
              if (value.isEmpty() || !upper.startsWith(PREFIX)) {
                return;
              }
              if (OF_THE_LAUNCHER.contains(name)) {
                launcher.add(name);
              } else if (isServiceLink(name, value)) {
                links.add(name);
              } else if (!known.contains(name)) {
                Suggestion.nearestName(upper, known, '_')
                    .ifPresentOrElse(
                        near -> misspelt.add(meant(name, "there is no such variable", near)),
                        () -> unknown.add(name));
              } else if (!read.contains(name)) {
                read.stream()
                    .filter(other -> Suggestion.isTypo(name, other))
                    .filter(other -> environment.getOrDefault(other, "").isEmpty())
                    .forEach(
                        other -> misspelt.add(meant(name, "this command does not read it", other)));
              }
            });
    return new LimiterVariables(misspelt, unknown, launcher, links);
  }

  /** What to tell of those that are read by nothing, and are no typo. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (!serviceLinks.isEmpty()) {
      warnings.add(
          "Not read, since Kubernetes sets them for a Service of such a name: "
              + String.join(", ", new TreeSet<>(serviceLinks))
              + "; enableServiceLinks: false in the pod keeps them out");
    }
    if (launcher.contains(JAVA_OPTIONS)) {
      warnings.add(
          "Not read, since bin/limiter alone reads it: "
              + JAVA_OPTIONS
              + "; set JDK_JAVA_OPTIONS, which Java reads itself");
    }
    if (!unknown.isEmpty()) {
      warnings.add(
          "Not read, since there are no such options: "
              + String.join(", ", new TreeSet<>(unknown))
              + "; see limiter serve --help");
    }
    return warnings;
  }

  private static String meant(String name, String fault, String near) {
    return "%s: %s; did you mean %s? Unset it otherwise".formatted(name, fault, near);
  }

  /**
   * Whether Kubernetes set it: a pod gets such variables for every Service of its namespace. For
   * one called limiter-grpc, {@code LIMITER_GRPC_PORT} is {@code tcp://10.0.0.7:8081}.
   */
  public static boolean isServiceLink(String name, String value) {
    return LINK_NAME.matcher(name).matches()
        || (PORT_NAME.matcher(name).matches() && LINK_VALUE.matcher(value).matches());
  }
}
