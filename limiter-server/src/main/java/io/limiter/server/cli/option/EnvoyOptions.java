package io.limiter.server.cli.option;

import io.limiter.server.decide.DescriptorRequest;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.envoy.TooLarge;
import io.limiter.server.header.HeaderGroup;
import io.limiter.server.header.HeaderNames;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What Envoy is answered. */
@Command
public final class EnvoyOptions {
  @Option(
      names = "--rls-headers",
      paramLabel = "LIST",
      converter = EnvoyTypes.Headers.class,
      description =
          "Response headers for Envoy to add: ratelimit, ratelimit-limit, x-ratelimit,"
              + " x-ratelimit-units, x-ratelimit-used, retry-after, or none. Default:"
              + " ratelimit,x-ratelimit,retry-after.")
  private Set<HeaderGroup> rlsHeaders = EnvoySettings.DEFAULTS.headers();

  @Option(
      names = "--rls-header-names",
      paramLabel = "LIST",
      converter = EnvoyTypes.Names.class,
      description =
          "Names of the ratelimit-limit headers."
              + " Default: RateLimit-Limit,RateLimit-Remaining,RateLimit-Reset.")
  private HeaderNames rlsHeaderNames = HeaderNames.DEFAULTS;

  @Option(
      names = "--rls-metadata",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description = "Dynamic metadata for Envoy's other filters. Default: true.")
  private boolean rlsMetadata = true;

  @Option(
      names = "--rls-mode",
      paramLabel = "MODE",
      converter = EnvoyTypes.RlsMode.class,
      description =
          "For Envoy, whatever the limits say: enforce, shadow or quota. Default: enforce.")
  private DescriptorRequest.Leniency rlsMode = DescriptorRequest.Leniency.NONE;

  @Option(
      names = "--charge-on-deny",
      paramLabel = "true|false",
      arity = "0..1",
      fallbackValue = "true",
      converter = OptionTypes.Switch.class,
      description =
          "Count what is denied too, in domains of descriptors whose file does not say."
              + " Default: false.")
  private boolean chargeOnDeny;

  @Option(
      names = "--rls-too-large",
      paramLabel = "ANSWER",
      converter = EnvoyTypes.RlsTooLarge.class,
      description = "For Envoy, to a request beyond a bound: deny, allow or error. Default: deny.")
  private TooLarge rlsTooLarge = TooLarge.DENY;

  /** What was chosen. */
  public EnvoySettings settings() {
    return new EnvoySettings(
        rlsHeaders, rlsHeaderNames, rlsMetadata, rlsMode, chargeOnDeny, rlsTooLarge);
  }
}
