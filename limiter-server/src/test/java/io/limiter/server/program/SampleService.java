package io.limiter.server.program;

import io.limiter.server.access.file.AccessFiles;
import io.limiter.server.api.CallerBounds;
import io.limiter.server.audit.AuditTarget;
import io.limiter.server.decide.UnknownDomain;
import io.limiter.server.envoy.EnvoySettings;
import io.limiter.server.rules.file.RuleFiles;
import io.limiter.server.rules.live.LiveRules;
import io.limiter.server.store.endpoint.RedisEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** A whole service in this process: on free ports of this host, with the sample rules. */
final class SampleService {
  private SampleService() {}

  static Service start(String redis) throws IOException {
    return start(Optional.of(redis));
  }

  /** Without one named, it has a Redis of its own. */
  static Service start(Optional<String> redis) throws IOException {
    return Service.start(
        settings(redis, ServiceSettings.WARM_UP),
        LiveRules.fixed(RuleFiles.samples(), Clock.systemUTC()),
        "the samples");
  }

  /** Second by second; it does not wait for callers when it ends. */
  static ServiceSettings settings(Optional<String> redis, Duration warmUp) {
    return settings(
        ServiceSettings.Listen.onFreePorts(InetAddress.getLoopbackAddress()), redis, warmUp);
  }

  /** The same that listens so. */
  static ServiceSettings settings(
      ServiceSettings.Listen listen, Optional<String> redis, Duration warmUp) {
    return new ServiceSettings(
        listen,
        new ServiceSettings.Counting(
            redis.map(RedisEndpoint::parse),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            UnknownDomain.ALLOW),
        EnvoySettings.DEFAULTS,
        Duration.ofSeconds(1),
        warmUp,
        new ServiceSettings.Shutdown(Duration.ZERO, Duration.ofSeconds(1)),
        CallerBounds.DEFAULTS,
        Optional.empty());
  }

  /** The same, where callers may do what files say. */
  static ServiceSettings with(ServiceSettings settings, AccessFiles access) {
    return with(settings, Optional.of(access), Optional.empty());
  }

  /** The same, which writes down who changed what. */
  static ServiceSettings with(
      ServiceSettings settings, Optional<AccessFiles> access, Optional<AuditTarget> audit) {
    return new ServiceSettings(
        settings.listen(),
        settings.counting(),
        settings.envoy(),
        settings.rulesPoll(),
        settings.warmUp(),
        settings.shutdown(),
        settings.bounds(),
        access,
        audit);
  }
}
