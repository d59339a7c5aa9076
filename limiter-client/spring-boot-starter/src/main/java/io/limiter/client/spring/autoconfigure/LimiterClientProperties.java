package io.limiter.client.spring.autoconfigure;

import io.limiter.client.OnUnreachable;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the client.
 *
 * @param enabled Whether to limit anything. If not, there is no client, and nothing is limited.
 * @param target Where the service is: HOST:PORT, several with commas between, or a URI that gRPC
 *     resolves.
 * @param domain Which set of rules to ask, for annotations and paths that name none.
 * @param deadline Longest wait for an answer.
 * @param onUnreachable What to answer when the service does not: OPEN goes ahead, CLOSED denies.
 * @param retries Whether to send questions with an idempotency key again when no answer came.
 * @param randomKeys Whether to give each question without an idempotency key a random one, so that
 *     all may be sent again. Each then costs a record in Redis for a minute.
 * @param denyCache How long to repeat a denial without asking the service, 1ms to 1m. Without it,
 *     every question is sent.
 * @param maxInFlight Questions that may wait for an answer at once. One more is not sent.
 * @param maxMessageSize Longest message that the service takes. A longer one is not sent.
 * @param keepAlive How long a connection may be silent, while answers are awaited, before it is
 *     probed.
 * @param awaitReady How long to wait for the service at start-up, so that the first question need
 *     not wait for the connection. The application starts in any case. Without it there is no wait.
 * @param tls Encryption.
 * @param health Health indicator.
 */
@ConfigurationProperties("limiter.client")
public record LimiterClientProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("127.0.0.1:8081") String target,
    @Nullable String domain,
    @DefaultValue("50ms") Duration deadline,
    @DefaultValue("open") OnUnreachable onUnreachable,
    @DefaultValue("true") boolean retries,
    @DefaultValue("false") boolean randomKeys,
    @Nullable Duration denyCache,
    @DefaultValue("4096") int maxInFlight,
    @DefaultValue("1MB") DataSize maxMessageSize,
    @DefaultValue("30s") Duration keepAlive,
    @Nullable Duration awaitReady,
    @DefaultValue Tls tls,
    @DefaultValue Health health) {

  /**
   * Encryption of the connection.
   *
   * @param enabled Whether to encrypt the connection.
   * @param authorities PEM file with the certificates of the authorities to trust. Without it,
   *     those that the Java runtime trusts.
   * @param certificateChain PEM file with the certificate that tells the service who is calling
   *     (mutual TLS). Needs a private key.
   * @param privateKey PEM file with the PKCS#8 key of the certificate, without a password.
   * @param serverName Name to expect in the certificate of the service, in place of the host.
   */
  public record Tls(
      @DefaultValue("false") boolean enabled,
      @Nullable Path authorities,
      @Nullable Path certificateChain,
      @Nullable Path privateKey,
      @Nullable String serverName) {

    /** What the builder takes. */
    io.limiter.client.Tls settings() {
      io.limiter.client.Tls tls =
          authorities == null
              ? io.limiter.client.Tls.trustingSystem()
              : io.limiter.client.Tls.trusting(authorities);
      if (certificateChain != null && privateKey != null) {
        tls = tls.identity(certificateChain, privateKey);
      } else if (certificateChain != null || privateKey != null) {
        throw new IllegalStateException(
            "limiter.client.tls has a certificate-chain or a private-key without the other; set"
                + " both");
      }
      return serverName == null ? tls : tls.serverName(serverName);
    }
  }

  /**
   * The health indicator.
   *
   * @param timeout How long the health indicator waits for the service.
   */
  public record Health(@DefaultValue("1s") Duration timeout) {}
}
