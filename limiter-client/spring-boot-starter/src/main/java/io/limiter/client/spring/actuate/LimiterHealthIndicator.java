package io.limiter.client.spring.actuate;

import io.limiter.client.LimiterClient;
import io.limiter.client.OnUnreachable;
import io.limiter.client.RefusedException;
import io.limiter.client.UnreachableException;
import java.time.Duration;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Whether the service answers. Asks a question without content, which charges nobody.
 *
 * <table>
 *   <caption>Status</caption>
 *   <tr><td>UP</td><td>It answers.</td></tr>
 *   <tr><td>UNKNOWN</td><td>It does not, and requests go ahead unchecked ({@link
 *       OnUnreachable#OPEN}). The application as a whole stays UP: it works.</td></tr>
 *   <tr><td>DOWN</td><td>It does not, and requests are denied ({@link OnUnreachable#CLOSED}). Or
 *       it does not accept this caller, or another service is at the target.</td></tr>
 * </table>
 */
public class LimiterHealthIndicator extends AbstractHealthIndicator {
  private final LimiterClient limiter;
  private final OnUnreachable onUnreachable;
  private final Duration timeout;

  /**
   * Asks with a client.
   *
   * @param onUnreachable the client's setting
   * @param timeout how long to wait for an answer; positive
   */
  public LimiterHealthIndicator(
      LimiterClient limiter, OnUnreachable onUnreachable, Duration timeout) {
    super("the rate-limit service cannot be asked");
    this.limiter = limiter;
    this.onUnreachable = onUnreachable;
    this.timeout = timeout;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    builder.withDetail("failedOpen", limiter.failedOpen()).withDetail("retried", limiter.retried());
    try {
      limiter.awaitReady(timeout);
      builder.up();
    } catch (UnreachableException away) {
      builder.withDetail("error", String.valueOf(away.getMessage()));
      if (onUnreachable == OnUnreachable.OPEN) {
        builder.unknown().withDetail("requests", "go ahead unchecked");
      } else {
        builder.down().withDetail("requests", "are denied");
      }
    } catch (RefusedException refused) {
      builder.down(refused);
    }
  }
}
