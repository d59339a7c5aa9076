package io.limiter.server.gateway;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.limiter.server.access.AccessException;
import io.limiter.server.access.Asker;
import io.limiter.server.access.Method;
import io.limiter.server.api.Failures;
import io.limiter.server.api.OwnBounds;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.ResponseCallback;
import io.limiter.server.decide.Limiter;
import io.limiter.server.decide.Request;
import io.limiter.server.decide.Verdict;
import io.limiter.server.rules.Quoted;
import io.limiter.server.rules.profile.IncomingRequest;
import io.limiter.server.rules.profile.Profile;
import io.limiter.server.rules.table.RuleTable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Decides for gateways whether they may pass a request on, as their profiles say. Safe to call from
 * any thread.
 */
public final class GatewayApi {
  private final Supplier<RuleTable> rules;
  private final Limiter limiter;

  /**
   * For these profiles.
   *
   * @param rules the table now in force; read once for each request, so that profile and rules are
   *     of one table
   */
  public GatewayApi(Supplier<RuleTable> rules, Limiter limiter) {
    this.rules = rules;
    this.limiter = limiter;
  }

  /**
   * Decides. Returns at once and never throws. Fails only if the profile says so of what cannot be
   * decided, or cannot be read itself.
   *
   * @param who asks: the gateway
   * @param name of the profile
   * @param asked read before this returns, and not after
   */
  public void authorize(
      Asker who, String name, IncomingRequest asked, ResponseCallback<GatewayAnswer> callback) {
    Profile profile;
    CompletionStage<Verdict> decision;
    try {
      RuleTable table = rules.get();
      profile = table.profiles().find(name);
      // Whoever may ask somewhere only is not told whether a profile is there.
      who.require(
          Method.CHECK,
          profile == null ? null : profile.domain(),
          "by profile " + Quoted.text(name));
      who.take(1, /* bytes= */ 0);
      if (profile == null) {
        callback.onResponse(GatewayAnswer.UNKNOWN);
        return;
      }
      decision = limiter.decide(question(who, profile, asked), table);
    } catch (RuntimeException failure) {
      callback.onFailure(Failures.status(failure));
      return;
    }
    decision.whenComplete((verdict, failure) -> answer(profile, verdict, failure, callback));
  }

  private static Request question(Asker who, Profile profile, IncomingRequest asked) {
    return new Request(
        profile.domain(),
        profile.attributes(asked),
        profile.cost(asked),
        Map.of(),
        List.of(),
        /* wantReceipt= */ false,
        /* idempotencyKey= */ "",
        /* priority= */ "",
        /* holdMicros= */ 0,
        profile.waitNanos(asked, RateLimiterApi.ANY_WAIT),
        OwnBounds.owner(who));
  }

  private static void answer(
      Profile profile,
      Verdict verdict,
      Throwable failure,
      ResponseCallback<GatewayAnswer> callback) {
    GatewayAnswer answer;
    try {
      if (failure instanceof AccessException refused) {
        // As what is refused before it is looked at: no profile lets it pass.
        callback.onFailure(Failures.status(refused));
        return;
      }
      if (failure != null) {
        fail(profile, Failures.status(failure), callback);
        return;
      }
      answer = verdict.allowed() ? Admission.of(profile, verdict) : Denial.of(profile, verdict);
    } catch (RuntimeException defect) {
      fail(profile, Failures.status(defect), callback);
      return;
    }
    callback.onResponse(answer);
  }

  private static void fail(
      Profile profile, Status status, ResponseCallback<GatewayAnswer> callback) {
    if (status.getCode() == Code.CANCELLED_VALUE) {
      callback.onFailure(status);
      return;
    }
    switch (profile.telling().onNoDecision()) {
      case ERROR -> callback.onFailure(status);
      case ALLOW -> callback.onResponse(GatewayAnswer.PLAIN);
      case DENY -> callback.onResponse(Denial.withoutDecision(profile));
    }
  }
}
