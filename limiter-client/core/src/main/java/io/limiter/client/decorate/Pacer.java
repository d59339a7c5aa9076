package io.limiter.client.decorate;

import io.limiter.client.CheckRequest;
import io.limiter.client.Decision;
import io.limiter.client.LimiterClient;
import io.limiter.client.upstream.Observation;
import io.limiter.client.upstream.UpstreamSaid;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Makes the calls of a program to one upstream that has a limit of its own, such as somebody else's
 * API. It asks the shared counter before each call and waits for room, reads what the upstream says
 * of its limit, and tells the service. So one instance's 429 cools all of them.
 *
 * <pre>{@code
 * Pacer pacer =
 *     Pacer.by(limiter, CheckRequest.in("llm").attribute("account", "acme")).build();
 * PacedHttpClient http = new PacedHttpClient(pacer, HttpClient.newHttpClient());
 * HttpResponse<String> answer =
 *     http.send(request, BodyHandlers.ofString(), CallTerms.within(Duration.ofSeconds(30)));
 * }</pre>
 *
 * <p><b>Waiting.</b> The first of those who wait asks. A denial holds for all of them, for as long
 * as it says and a random part more (10 ms, doubling with each denial up to 1.28 s). An admission's
 * delay is waited for. Who cannot have room in time ends at once.
 *
 * <p><b>Order.</b> Those who wait in this process go by {@link Priority}, then by arrival. A
 * priority is a head start ({@link PacerBuilder#headStart}): a call is overtaken only by those that
 * come within that time after it, so that none starves.
 *
 * <p><b>Again.</b> A call that the upstream refused (429) is repeated within its time; one that it
 * could not take (503) only if it is {@linkplain CallTerms#idempotent idempotent}. After the last
 * try its answer is the call's.
 *
 * <p><b>A broken upstream.</b> After failures in a row a circuit breaker opens, for this process.
 * Refusals of calls that were under way together count once.
 *
 * <p><b>Without the service</b> its client's {@link io.limiter.client.OnUnreachable} decides. What
 * the upstream refused holds in this process all the same.
 *
 * <p>Thread-safe. One for each account at an upstream, for the life of the program; it has no
 * threads and need not be closed.
 */
public final class Pacer {
  private final LimiterClient limiter;
  private final CheckRequest request;
  private final WaitingRoom room;
  private final int mostTries;
  private final long headStartNanos;
  private final Told told = new Told();
  private final AtomicLong calls = new AtomicLong();

  Pacer(LimiterClient limiter, CheckRequest request, PacerBuilder settings) {
    this.limiter = limiter;
    this.request = request;
    this.mostTries = settings.tries();
    this.headStartNanos = Turn.nanos(settings.headStart());
    this.room =
        new WaitingRoom(
            limiter, settings.breaker(), settings.mostWaiting(), settings.failsFastWhenOpen());
  }

  /**
   * Paces calls to an upstream.
   *
   * @param request is asked before each call, and selects the rules that learn from what the
   *     upstream says ({@code learn: true}). It must have no idempotency key
   */
  public static PacerBuilder by(LimiterClient limiter, CheckRequest request) {
    return new PacerBuilder(limiter, request);
  }

  /**
   * Calls, on this thread, once there is room.
   *
   * @return the answer, if only that of the last refusal
   * @throws DeniedException if there is no room in time
   * @throws NotSentException if too many wait, or the circuit is open
   * @throws io.limiter.client.LimiterException if the question is wrong
   * @throws CancellationException if the thread is interrupted while it waits; it stays interrupted
   * @throws Exception what the call throws
   */
  public <T> T call(Callable<? extends T> call, Answers<? super T> answers, CallTerms terms)
      throws Exception {
    Course course = new Course(this, terms, calls.incrementAndGet());
    while (true) {
      await(course);
      T answer;
      try {
        answer = call.call();
      } catch (InterruptedException failure) {
        // Not of the upstream's doing.
        course.unsent();
        throw failure;
      } catch (Throwable failure) {
        if (course.ended(answers.read(failure))) {
          continue;
        }
        throw failure;
      }
      if (!course.ended(read(answers, answer, course))) {
        return answer;
      }
      answers.discard(answer);
    }
  }

  /**
   * The same without a thread that waits.
   *
   * @param call starts it, on a thread of the common pool; must not block. A stage that is
   *     cancelled says nothing of the upstream
   * @return fails with what {@link #call} throws, or with what the call's stage fails with. If it
   *     is cancelled, nothing more is sent
   */
  public <T> CompletableFuture<T> callAsync(
      Supplier<? extends CompletionStage<? extends T>> call,
      Answers<? super T> answers,
      CallTerms terms) {
    Course course = new Course(this, terms, calls.incrementAndGet());
    CompletableFuture<T> result = new CompletableFuture<>();
    var unused =
        result.whenComplete(
            (answer, failure) -> {
              if (failure instanceof CancellationException) {
                course.cancel();
              }
            });
    start(course, call, answers, result);
    return result;
  }

  /** How many calls wait for room in this process. For a metric. */
  public int waiting() {
    return room.waiting();
  }

  private <T> void start(
      Course course,
      Supplier<? extends CompletionStage<? extends T>> call,
      Answers<? super T> answers,
      CompletableFuture<T> result) {
    var unused =
        course
            .room()
            .whenCompleteAsync(
                (nothing, denial) -> {
                  if (denial != null) {
                    result.completeExceptionally(cause(denial));
                  } else if (result.isDone()) {
                    course.unsent();
                  } else {
                    send(course, call, answers, result);
                  }
                });
  }

  private <T> void send(
      Course course,
      Supplier<? extends CompletionStage<? extends T>> call,
      Answers<? super T> answers,
      CompletableFuture<T> result) {
    CompletionStage<? extends T> sent;
    try {
      sent = call.get();
    } catch (RuntimeException failure) {
      sent = CompletableFuture.failedFuture(failure);
    }
    var unused =
        sent.whenComplete(
            (answer, thrown) -> {
              if (thrown != null && cause(thrown) instanceof CancellationException given) {
                // Not of the upstream's doing.
                course.unsent();
                result.completeExceptionally(given);
                return;
              }
              boolean again;
              try {
                again =
                    course.ended(
                        thrown == null
                            ? read(answers, answer, course)
                            : answers.read(cause(thrown)));
                if (again && thrown == null) {
                  answers.discard(answer);
                }
              } catch (RuntimeException mistake) {
                result.completeExceptionally(mistake);
                return;
              }
              if (again) {
                start(course, call, answers, result);
              } else if (thrown == null) {
                result.complete(answer);
              } else {
                result.completeExceptionally(cause(thrown));
              }
            });
  }

  private static <T> UpstreamSaid read(Answers<? super T> answers, T answer, Course course) {
    try {
      return answers.read(answer);
    } catch (RuntimeException mistake) {
      course.unsent();
      throw mistake;
    }
  }

  private static void await(Course course) {
    CompletableFuture<Void> turn = course.room();
    try {
      turn.get();
    } catch (InterruptedException e) {
      course.cancel();
      course.unsent();
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for the rate limit");
    } catch (ExecutionException e) {
      throw unchecked(e);
    }
  }

  static RuntimeException unchecked(Throwable failure) {
    Throwable cause = cause(failure);
    return cause instanceof RuntimeException unchecked ? unchecked : new CompletionException(cause);
  }

  static Throwable cause(Throwable failure) {
    boolean wraps = failure instanceof CompletionException || failure instanceof ExecutionException;
    return wraps && failure.getCause() != null ? failure.getCause() : failure;
  }

  /** Tells the service what is news to it. Nobody waits for that. */
  void tell(UpstreamSaid said, Decision admission) {
    for (Observation one : told.news(said.observations(), admission, System.nanoTime())) {
      var unused =
          limiter
              .observeAsync(request, one)
              .whenComplete(
                  (clamped, failure) -> {
                    if (failure != null) {
                      told.forget(one);
                    }
                  });
    }
  }

  CheckRequest request(CallTerms terms) {
    return terms.costing(request);
  }

  WaitingRoom room() {
    return room;
  }

  int mostTries() {
    return mostTries;
  }

  long headStartNanos() {
    return headStartNanos;
  }
}
