package io.limiter.server.program;

import io.limiter.server.envoy.EnvoySettings;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * How to run.
 *
 * @param grpcPort 0 to 65535; 0 for any free one
 * @param httpPort likewise
 * @param redis a Redis URI; empty for one of its own
 * @param decisionDeadline the longest wait for Redis
 * @param denyCache the longest that a denial is remembered; 0 for not at all
 * @param shutdownGrace the longest wait for calls under way at the end
 * @param rulesPoll how often to look whether the rules have changed
 * @param envoy how Envoy is answered
 */
public record ServiceSettings(
    InetAddress bind,
    int grpcPort,
    int httpPort,
    Optional<String> redis,
    Duration decisionDeadline,
    Duration denyCache,
    Duration shutdownGrace,
    Duration rulesPoll,
    EnvoySettings envoy) {}
