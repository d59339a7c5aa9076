package io.limiter.jmh.load.service;

import io.limiter.jmh.RedisInfo;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What was used so far, or between two looks. Empty where nobody can say.
 *
 * @param redisCpuMicros processor time of Redis
 * @param redisCommands all commands that Redis ran, also those that scripts ran
 * @param redisScripts calls of scripts
 * @param serviceCpuMicros processor time of the service
 * @param clientCpuMicros processor time of this process
 */
public record Usage(
    OptionalDouble redisCpuMicros,
    OptionalDouble redisCommands,
    OptionalDouble redisScripts,
    OptionalDouble serviceCpuMicros,
    OptionalDouble clientCpuMicros) {

  static Usage of(Optional<RedisInfo> redis, OptionalDouble serviceCpuMicros) {
    OptionalDouble clientCpuMicros = cpuMicros(ProcessHandle.current());
    if (redis.isEmpty()) {
      OptionalDouble unknown = OptionalDouble.empty();
      return new Usage(unknown, unknown, unknown, serviceCpuMicros, clientCpuMicros);
    }
    RedisInfo info = redis.get();
    return new Usage(
        OptionalDouble.of(info.cpuMicros()),
        OptionalDouble.of((double) info.calls("")),
        OptionalDouble.of((double) info.calls("eval")),
        serviceCpuMicros,
        clientCpuMicros);
  }

  /** Processor time of a process so far, in microseconds. */
  static OptionalDouble cpuMicros(ProcessHandle process) {
    return process.info().totalCpuDuration().stream()
        .mapToDouble(time -> time.toNanos() / 1e3)
        .findFirst();
  }

  public Usage since(Usage before) {
    return new Usage(
        minus(redisCpuMicros, before.redisCpuMicros),
        minus(redisCommands, before.redisCommands),
        minus(redisScripts, before.redisScripts),
        minus(serviceCpuMicros, before.serviceCpuMicros),
        minus(clientCpuMicros, before.clientCpuMicros));
  }

  private static OptionalDouble minus(OptionalDouble now, OptionalDouble before) {
    return now.isPresent() && before.isPresent()
        ? OptionalDouble.of(now.getAsDouble() - before.getAsDouble())
        : OptionalDouble.empty();
  }
}
