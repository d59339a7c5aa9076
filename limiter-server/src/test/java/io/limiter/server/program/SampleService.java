package io.limiter.server.program;

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
    return Service.start(
        settings(redis), LiveRules.fixed(RuleFiles.samples(), Clock.systemUTC()), "the samples");
  }

  /** Second by second; it does not wait for callers when it ends. */
  static ServiceSettings settings(String redis) {
    return new ServiceSettings(
        ServiceSettings.Listen.onFreePorts(InetAddress.getLoopbackAddress()),
        new ServiceSettings.Counting(
            Optional.of(RedisEndpoint.parse(redis)),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            UnknownDomain.ALLOW),
        EnvoySettings.DEFAULTS,
        Duration.ofSeconds(1),
        new ServiceSettings.Shutdown(Duration.ZERO, Duration.ofSeconds(1)));
  }
}
