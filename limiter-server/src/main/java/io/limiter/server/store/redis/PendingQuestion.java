package io.limiter.server.store.redis;

import io.limiter.server.fair.Caller;
import io.limiter.server.fair.FairQueue;
import io.limiter.server.key.Receipt;
import io.limiter.server.key.RecordKeys;
import io.limiter.server.store.Answer;
import io.limiter.server.store.Charge;
import io.limiter.server.store.StoreException;
import io.limiter.server.store.redis.connect.RedisFailure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A question that waits for its answer; the future completes with it. */
final class PendingQuestion extends CompletableFuture<Answer> implements FairQueue.Item {
  private final Charge charge;
  private final @Nullable Receipt receipt;
  private final long deadlineNanos;
  private final @Nullable Executor replyExecutor;
  private final Caller caller;
  private @Nullable Runnable onLate;
  private volatile boolean sent;

  /** Whether it was charged although it failed. Null unless it was sent and failed. */
  private volatile @Nullable CompletableFuture<Boolean> doubt;

  private String holdName = RecordKeys.NO_HOLD;
  private boolean brief;
  private boolean declared;
  private boolean alone;
  private int redirects;

  /**
   * A question.
   *
   * @param receipt the name for its receipt, if it wants one
   * @param deadlineNanos when it stops waiting, by {@link System#nanoTime}
   * @param replyExecutor runs what completes it, as a rule the caller's event loop; null for any
   *     thread
   */
  PendingQuestion(
      Charge charge,
      @Nullable Receipt receipt,
      long deadlineNanos,
      @Nullable Executor replyExecutor) {
    this(charge, receipt, deadlineNanos, replyExecutor, Caller.NOBODY);
  }

  /**
   * The same of a caller whose questions wait in turn with those of others.
   *
   * @param caller which one
   */
  PendingQuestion(
      Charge charge,
      @Nullable Receipt receipt,
      long deadlineNanos,
      @Nullable Executor replyExecutor,
      Caller caller) {
    this.charge = charge;
    this.receipt = receipt;
    this.deadlineNanos = deadlineNanos;
    this.replyExecutor = replyExecutor;
    this.caller = caller;
  }

  /** Hears if this is left unanswered for its time. To be said before it is watched. */
  void onLate(Runnable listener) {
    onLate = listener;
  }

  /** It leaves for Redis. */
  void sending() {
    sent = true;
  }

  /** Its time is over. */
  void late(StoreException failure) {
    if (!isDone() && completeExceptionally(sent ? inDoubt(failure) : failure) && onLate != null) {
      onLate.run();
    }
  }

  /** The call failed that it was sent with. Redis has run nothing of it if it refused. */
  void failed(StoreException failure) {
    boolean refused = RedisFailure.isRefusal(failure);
    if (!isDone()) {
      completeExceptionally(refused ? failure : inDoubt(failure));
    }
    CompletableFuture<Boolean> open = doubt;
    if (open != null && !refused) {
      open.completeExceptionally(failure);
    } else {
      foundOut(false);
    }
  }

  private StoreException inDoubt(StoreException failure) {
    CompletableFuture<Boolean> open = new CompletableFuture<>();
    doubt = open;
    return failure.inDoubt(open);
  }

  /** Whether Redis charged it, although it failed here. */
  void foundOut(boolean charged) {
    CompletableFuture<Boolean> open = doubt;
    if (open != null) {
      open.complete(charged);
    } else if (!charged) {
      sent = false;
    }
  }

  Charge charge() {
    return charge;
  }

  @Nullable Receipt receipt() {
    return receipt;
  }

  /** The name for the receipt of one of its alternatives, if that wants one. */
  @Nullable Receipt receipt(Charge.Whole alternative) {
    return receipt == null || !alternative.wantReceipt()
        ? null
        : Receipt.forCounter(alternative.entries().get(0).key(), receipt.high(), receipt.low());
  }

  /** The name of the holds that it takes. */
  String holdName() {
    return holdName;
  }

  /** Gives the holds that it takes a name. To be said before it is sent. */
  void name(String name) {
    holdName = name;
  }

  long deadlineNanos() {
    return deadlineNanos;
  }

  @Nullable Executor replyExecutor() {
    return replyExecutor;
  }

  /** Which caller it is of, by number. */
  int caller() {
    return caller.number();
  }

  /** Whether it is one of very many that are asked together. */
  boolean isBulk() {
    return caller.isBulk();
  }

  /** Whether its caller waits no more. */
  boolean isGone() {
    return caller.isGone();
  }

  /** How many counters it asks. */
  @Override
  public int cost() {
    return Math.max(1, charge.entries().size());
  }

  /** Whether an answer says that it was charged now. */
  boolean isChargedBy(Answer answer) {
    if (answer instanceof Answer.Any any && charge instanceof Charge.Any several) {
      return any.chosen() >= 0 && isChargedBy(several.alternatives().get(any.chosen()), any.last());
    }
    return answer instanceof Answer.Decided decided && isChargedBy(charge, decided);
  }

  private static boolean isChargedBy(Charge charge, Answer.Decided decided) {
    return decided.admitted()
        && !decided.replayed()
        && charge.entries().stream().anyMatch(entry -> entry.cost() > 0);
  }

  /** Its receipt's record is of use for a moment only. */
  void keepReceiptBriefly() {
    brief = true;
  }

  boolean keepsReceiptBriefly() {
    return brief;
  }

  /** Its keys are declared from now on: it shares a call with questions of its slot only. */
  void declareKeys() {
    declared = true;
  }

  boolean declaresKeys() {
    return declared;
  }

  /** It is sent alone from now on: a slot that moves redirects single questions only. */
  void sendAlone() {
    alone = true;
  }

  /** Whether it shares a call with no other. */
  boolean isAlone() {
    return alone;
  }

  /** Counts how often it was redirected, this time included. Nothing of it has run. */
  int redirected() {
    foundOut(false);
    return ++redirects;
  }

  /** Whether it asks one counter and Redis keeps nothing else of it. */
  boolean isPlain() {
    return receipt == null && !alone && charge.isPlain();
  }
}
