package io.limiter.server.rules.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The client's address is what trusted proxies wrote, whatever the client sends. */
class ClientAddressTest {
  private static final int TRIES = 20_000;

  /** What a forger may use, and what such headers are made of. */
  private static final String[] FORGED = {
    "1.2.3.4",
    "for=",
    "For=6.6.6.6",
    ",",
    ", ",
    ";",
    "\"",
    "\\",
    "\\\"",
    "[",
    "]",
    "::1",
    "unknown",
    "_x",
    "=",
    " ",
    "by=\"",
    "%",
    ":80",
    "for=\"[2001:db8::6]:1\"",
    "x",
    "'",
    "for=\"a, b"
  };

  private static String text(ClientAddress client, IncomingRequest asked) {
    return String.valueOf(client.of(asked));
  }

  private static String forged(Random random) {
    StringBuilder forged = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      forged.append(FORGED[random.nextInt(FORGED.length)]);
    }
    return forged.toString().strip();
  }

  /** One of the ways in which a proxy may write an address. */
  private static String element(ClientAddress.From from, String address, Random random) {
    boolean six = address.contains(":");
    String bare = six && random.nextBoolean() ? "[" + address + "]" : address;
    boolean port = random.nextBoolean() && (!six || bare.startsWith("["));
    String node = port ? bare + ":" + (1 + random.nextInt(65_535)) : bare;
    if (from == ClientAddress.From.LIST) {
      return node;
    }
    String quoted = six || port || random.nextBoolean() ? '"' + node + '"' : node;
    String pair = (random.nextBoolean() ? "for=" : "For=") + quoted;
    return switch (random.nextInt(4)) {
      case 0 -> pair;
      case 1 -> pair + ";proto=https";
      case 2 -> "by=\"_a, b;c\";" + pair + "; host=\"x\\\"y, z\"";
      default -> "secret=\"for=6.6.6.6\" ;" + pair;
    };
  }

  private static String address(Random random) {
    return random.nextBoolean()
        ? "192.0.2." + random.nextInt(256)
        : "2001:db8::" + Integer.toHexString(1 + random.nextInt(0xFFFE));
  }

  /**
   * The lines that a gateway sends: each proxy writes behind what is there, or a line of its own.
   */
  private static List<String> lines(String forged, List<String> written, Random random) {
    List<String> lines = new ArrayList<>();
    if (!forged.isEmpty()) {
      int cut = random.nextInt(forged.length() + 1);
      if (random.nextInt(3) == 0) {
        lines.add(forged.substring(0, cut));
      }
      lines.add(forged.substring(lines.isEmpty() ? 0 : cut));
    }
    for (String element : written) {
      int last = lines.size() - 1;
      if (last < 0 || random.nextInt(3) == 0) {
        lines.add(element);
      } else {
        lines.set(last, lines.get(last) + (random.nextBoolean() ? ", " : ",") + element);
      }
    }
    return lines;
  }

  @ParameterizedTest
  @EnumSource(
      value = ClientAddress.From.class,
      names = {"LIST", "FORWARDED"})
  void whatTheClientSends_neverChangesItsAddress(ClientAddress.From from) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < TRIES; i++) {
      int trusted = i % 4;
      ClientAddress client = new ClientAddress(from, "X-List", trusted);
      List<String> addresses = new ArrayList<>();
      List<String> written = new ArrayList<>();
      for (int proxy = 0; proxy < trusted; proxy++) {
        addresses.add(address(random));
        written.add(element(from, addresses.get(proxy), random));
      }
      Asked asked = Asked.get();
      lines(forged(random), written, random).forEach(line -> asked.with("X-List", line));
      assertEquals(
          trusted == 0 ? Asked.PEER : addresses.get(0),
          text(client, asked),
          () -> "seed " + seed + ", trusted " + trusted + ", " + asked);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, '198.51.100.7', 203.0.113.9",
    "1, '198.51.100.7', 198.51.100.7",
    "1, '6.6.6.6, 198.51.100.7', 198.51.100.7",
    "2, '6.6.6.6, 198.51.100.7, 192.0.2.1', 198.51.100.7",
    "2, '198.51.100.7,,192.0.2.1, ', 198.51.100.7",
    // Fewer elements than proxies: somebody came past one of them.
    "2, '198.51.100.7', 203.0.113.9",
    "1, '', 203.0.113.9",
    // No address.
    "1, 'unknown', 203.0.113.9",
    "1, '198.51.100.7, _hidden', 203.0.113.9",
    "1, '198.51.100.7, 300.1.1.1', 203.0.113.9",
    "1, '[2001:db8::1', 203.0.113.9",
    "1, '[2001:db8::1]x', 203.0.113.9",
    // What stands beside an address.
    "1, '198.51.100.7:4711', 198.51.100.7",
    "1, '[2001:DB8::1]:4711', 2001:db8::1",
    "1, '[2001:db8::1]', 2001:db8::1",
    "1, 'fe80::1%eth0', fe80::1",
    "1, '::ffff:198.51.100.7', 198.51.100.7",
    "1, '[::ffff:c633:6407]:80', 198.51.100.7",
  })
  void xForwardedFor(int trusted, String line, String address) {
    assertEquals(
        address,
        text(
            ClientAddress.ofList("X-Forwarded-For", trusted),
            Asked.get().with("x-forwarded-for", line)));
  }

  @ParameterizedTest
  @CsvSource({
    "'for=198.51.100.7', 198.51.100.7",
    "'for=6.6.6.6, for=\"[2001:db8::1]:80\";proto=http', 2001:db8::1",
    "'for=\"198.51.100.7:80\"', 198.51.100.7",
    "'proto=https;by=_gateway', 203.0.113.9",
    "'for=unknown', 203.0.113.9",
    "'for=_x7', 203.0.113.9",
    "'for=', 203.0.113.9",
  })
  void forwarded(String line, String address) {
    ClientAddress client = new ClientAddress(ClientAddress.From.FORWARDED, "Forwarded", 1);
    assertEquals(address, text(client, Asked.get().with("Forwarded", line)));
  }

  @Test
  void aHeaderOfOneAddress_isTheGateways_thoughTheClientSendsOne() {
    ClientAddress client = new ClientAddress(ClientAddress.From.ONE, "X-Real-IP", 1);
    assertEquals("198.51.100.7", text(client, Asked.get().with("X-Real-IP", "198.51.100.7")));
    assertEquals(
        "198.51.100.7",
        text(client, Asked.get().with("X-Real-IP", "6.6.6.6").with("x-real-ip", "198.51.100.7")));
    assertEquals(Asked.PEER, text(client, Asked.get()));
  }
}
