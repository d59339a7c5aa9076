package io.limiter.server.store.redis;

import io.limiter.algorithm.Owed;
import io.limiter.script.ClaimArguments;
import io.limiter.script.Reply;
import io.limiter.script.Scripts;
import io.limiter.script.SettleArguments;
import io.limiter.server.fault.Cause;
import io.limiter.server.store.Claim;
import io.limiter.server.store.Debt;
import io.limiter.server.store.DebtTarget.Fate;
import io.limiter.server.store.DebtTarget.Paid;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.redis.connect.RedisFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Charges one Redis with what was admitted while it was away, a call for some counters each; and
 * asks it first about questions that it may have charged.
 *
 * <p>Each call says within which time of Redis it may run. It may not run once it counts as lost;
 * nor by another clock than that by which its times were worked out, as after a failover: those
 * could be in the future there. Such a call charges nothing and tells the time, for the next one.
 */
final class SettleCalls {
  /** Less than the time after which a silent connection is given up. */
  private static final Duration PATIENCE = Duration.ofMillis(400);

  private final ScriptCaller.Calls scripts;
  private final Function<String, StoreException> refusals;
  private final RedisTime time;

  /**
   * Calls to one Redis.
   *
   * @param refusals tells what an error is that a script passed on
   */
  SettleCalls(
      ScriptCaller.Calls scripts, Function<String, StoreException> refusals, RedisTime time) {
    this.scripts = scripts;
    this.refusals = refusals;
    this.time = time;
  }

  CompletionStage<List<Paid>> settle(List<Debt> debts) {
    long sent = System.nanoTime();
    SettleArguments call =
        new SettleArguments(
            time.windows().aroundMicros(),
            time.atLeast(sent),
            time.deadline(sent, PATIENCE.toNanos()));
    debts.forEach(debt -> call.counter(debt.key(), debt.limit(), owed(debt)));
    return scripts
        .call(Scripts.STANDARD.settle(), call.keys(), call.arguments())
        .handle(
            (reply, failure) ->
                failure == null ? read(reply, sent, debts) : all(debts, fate(failure)));
  }

  /** By the time of Redis, none of it later than it was. */
  private List<Owed> owed(Debt debt) {
    List<Owed> owed = new ArrayList<>(debt.parts().size());
    for (Debt.Part part : debt.parts()) {
      owed.add(new Owed(part.cost(), time.atLeast(part.atNanos())));
    }
    return owed;
  }

  private static Fate fate(Throwable failure) {
    return Cause.of(failure) instanceof StoreException known
            && (RedisFailure.isRefusal(known) || known.kind() == StoreException.Kind.OVERLOADED)
        ? Fate.REFUSED
        : Fate.UNANSWERED;
  }

  private static List<Paid> all(List<Debt> debts, Fate fate) {
    return Collections.nCopies(debts.size(), new Paid(fate));
  }

  private List<Paid> read(Reply reply, long sent, List<Debt> debts) {
    time.saw(reply.nextNumber(), sent, System.nanoTime());
    if (reply.isRead()) {
      return all(debts, Fate.AGAIN);
    }
    List<Paid> paid = new ArrayList<>(debts.size());
    for (int i = 0; i < debts.size(); i++) {
      paid.add(paid(reply));
    }
    return paid;
  }

  private Paid paid(Reply reply) {
    Reply.Code code = reply.nextCode();
    if (code == Reply.Code.ADMITTED) {
      return new Paid(Fate.SETTLED, reply.nextNumber(), reply.nextNumber());
    }
    if (code == Reply.Code.NEEDS_WINDOW) {
      // The windows of the next call lie around the time that this reply named.
      long unused = reply.nextNumber();
      return new Paid(Fate.AGAIN);
    }
    String said = reply.nextText();
    if (code == Reply.Code.BROKEN) {
      return new Paid(Fate.UNREADABLE);
    }
    var unused = refusals.apply(said);
    return new Paid(Fate.REFUSED);
  }

  /** A claim may be late, or come twice: it is told by its name. */
  CompletionStage<List<Claim.Fate>> claim(List<Claim> claims) {
    ClaimArguments call = new ClaimArguments();
    claims.forEach(
        claim ->
            call.question(claim.question().key(), claim.question().fingerprint(), claim.name()));
    return scripts
        .call(Scripts.STANDARD.claim(), call.keys(), call.arguments())
        .thenApply(reply -> claims.stream().map(claim -> claimed(reply)).toList())
        .exceptionally(failure -> Collections.nCopies(claims.size(), Claim.Fate.UNKNOWN));
  }

  private Claim.Fate claimed(Reply reply) {
    Reply.Code code = reply.nextCode();
    if (code == Reply.Code.ADMITTED || code == Reply.Code.DENIED) {
      return code == Reply.Code.ADMITTED ? Claim.Fate.TAKEN : Claim.Fate.CHARGED;
    }
    String said = reply.nextText();
    if (code == Reply.Code.BROKEN) {
      return Claim.Fate.UNREADABLE;
    }
    var unused = refusals.apply(said);
    return Claim.Fate.UNKNOWN;
  }
}
