package io.limiter.jmh.load.service;

import io.limiter.jmh.Cpu;
import io.limiter.jmh.RedisInfo;
import java.io.IOException;

/** What figures depend on. */
public record Machine(String cpu, int processors, String jdk, String redis) {
  public static Machine of(Service service) throws IOException {
    return new Machine(
        Cpu.model(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version"),
        service.redis().map(RedisInfo::version).orElse("not known"));
  }

  public String line() {
    return "CPU %s, %d processors; JDK %s; Redis %s".formatted(cpu, processors, jdk, redis);
  }
}
