package io.limiter.server.grpc.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** All clients together have no more under way than the whole, and none is starved by another. */
class CallSharesTest {
  private static final int MOST = 256;

  private long nowNanos = -7;

  private static final class Client {
    final CallShares.Holder holder;
    int told = MOST;
    int times;

    Client(CallShares shares) {
      holder = shares.holder(this::told);
      shares.add(holder);
    }

    private void told(int most) {
      told = most;
      times++;
    }

    void asks(int calls) {
      for (int i = 0; i < calls; i++) {
        holder.came();
      }
    }
  }

  private CallShares whole(int calls) {
    return new CallShares(calls, MOST, () -> nowNanos);
  }

  private void look(CallShares shares) {
    nowNanos += CallShares.LOOK_NANOS;
    shares.look();
  }

  private List<Client> clients(CallShares shares, int number) {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      clients.add(new Client(shares));
    }
    return clients;
  }

  @Test
  void whoeverAsksNoMoreThanTheWhole_mayHaveTheMost() {
    CallShares shares = whole(100);
    List<Client> clients = clients(shares, 10);
    clients.forEach(client -> client.asks(10));
    look(shares);
    clients.forEach(client -> assertEquals(0, client.times, "nothing to be told"));
  }

  @Test
  void thoseWhoAskMuch_haveEqualShares() {
    CallShares shares = whole(90);
    List<Client> clients = clients(shares, 3);
    clients.get(0).asks(40);
    clients.get(1).asks(4_000);
    clients.get(2).asks(40_000);
    look(shares);
    clients.forEach(client -> assertEquals(30, client.told));
  }

  @Test
  void whatThoseWhoAskLittleLeave_isForTheOthers() {
    CallShares shares = whole(100);
    List<Client> little = clients(shares, 20);
    List<Client> much = clients(shares, 2);
    little.forEach(client -> client.asks(1));
    much.forEach(client -> client.asks(1_000));
    look(shares);
    much.forEach(client -> assertEquals(40, client.told));
  }

  @Test
  void howeverManyThereAre_eachHasSome() {
    CallShares shares = whole(100);
    List<Client> clients = clients(shares, 1_000);
    clients.forEach(client -> client.asks(1_000));
    look(shares);
    clients.forEach(client -> assertEquals(CallShares.LEAST, client.told));
  }

  @Test
  void whenOthersAskLess_orAreGone_thereIsMore() {
    CallShares shares = whole(100);
    List<Client> clients = clients(shares, 10);
    clients.forEach(client -> client.asks(100));
    look(shares);
    Client first = clients.get(0);
    assertEquals(10, first.told);
    clients.forEach(client -> client.asks(100));
    clients.subList(2, 10).forEach(client -> shares.remove(client.holder));
    look(shares);
    assertEquals(50, first.told);
    first.asks(101);
    look(shares);
    assertEquals(100, first.told);
    first.asks(100);
    look(shares);
    assertEquals(MOST, first.told, "what it asked before does not count");
  }

  @Test
  void whoeverAsksNothing_isToldWhenItAsks() {
    CallShares shares = whole(100);
    List<Client> clients = clients(shares, 10);
    Client idle = new Client(shares);
    clients.forEach(client -> client.asks(100));
    look(shares);
    assertEquals(0, idle.times);
    clients.forEach(client -> client.asks(100));
    idle.asks(1);
    look(shares);
    assertEquals(9, idle.told);
  }

  @Test
  void aLittleMoreOrLess_isNotTold() {
    CallShares shares = whole(100);
    List<Client> clients = clients(shares, 5);
    clients.forEach(client -> client.asks(100));
    look(shares);
    Client sixth = new Client(shares);
    clients.forEach(client -> client.asks(100));
    sixth.asks(100);
    look(shares);
    assertEquals(20, clients.get(0).told, "16 is too near");
    assertEquals(16, sixth.told);
  }

  @Test
  void betweenTwoLooks_timePasses() {
    CallShares shares = whole(10);
    Client client = new Client(shares);
    client.asks(100);
    nowNanos += CallShares.LOOK_NANOS - 1;
    shares.look();
    assertEquals(0, client.times);
    nowNanos += 1;
    shares.look();
    assertEquals(10, client.told);
  }

  @Test
  void whateverIsAsked_theSharesAreWithinTheWhole_andNoLargerOnesWouldBe() {
    Random random = new Random(8127);
    for (int round = 0; round < 500; round++) {
      int whole = 1 + random.nextInt(2_000);
      CallShares shares = whole(whole);
      List<Client> clients = clients(shares, 1 + random.nextInt(100));
      int[] asked = new int[clients.size()];
      int limit = 1 + random.nextInt(600);
      int all = 0;
      for (int i = 0; i < asked.length; i++) {
        asked[i] = random.nextInt(limit);
        clients.get(i).asks(asked[i]);
        all += Math.min(asked[i], MOST);
      }
      look(shares);
      int share = clients.stream().mapToInt(client -> client.told).min().orElse(MOST);
      if (all <= whole) {
        assertEquals(MOST, share);
      } else if (share > CallShares.LEAST && 4 * (MOST - share) >= MOST) {
        assertTrue(taken(asked, share) <= whole, "more than the whole");
        assertTrue(taken(asked, share + 1) > whole, "some is left");
      }
    }
  }

  private static long taken(int[] asked, int share) {
    long taken = 0;
    for (int each : asked) {
      taken += Math.min(each, share);
    }
    return taken;
  }
}
