package io.limiter.server.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is an address and what is none, by its text alone. */
class AddressTest {
  private static final long SEED = 5_952;

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255",
    "1.2.3.4, 1.2.3.4",
    "::, ::",
    "::1, ::1",
    "1::, 1::",
    "0:0:0:0:0:0:0:0, ::",
    "2001:DB8::A, 2001:db8::a",
    "2001:0db8:0000:0000:0000:0000:0000:000a, 2001:db8::a",
    "2001:db8:0:0:1::1, 2001:db8::1:0:0:1",
    "1:0:0:2:0:0:0:3, 1:0:0:2::3",
    "1:0:2:3:4:5:6:7, 1:0:2:3:4:5:6:7",
    "1::3:4:5:6:7:8, 1:0:3:4:5:6:7:8",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "1:2:3:4:5:6:77.88.99.1, 1:2:3:4:5:6:4d58:6301",
    "::ffff:1.2.3.4, 1.2.3.4",
    "::FFFF:102:304, 1.2.3.4",
    "0:0:0:0:0:ffff:1.2.3.4, 1.2.3.4",
    "0::0:ffff:0102:0304, 1.2.3.4",
    "::ffff:0:0, 0.0.0.0",
    "::1.2.3.4, ::102:304",
    "64:ff9b::1.2.3.4, 64:ff9b::102:304",
    "::fffe:1.2.3.4, ::fffe:102:304",
    "1::ffff:1.2.3.4, 1::ffff:102:304",
    "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  })
  void anAddress_isWrittenInOneWay(String text, String canonical) {
    assertEquals(canonical, String.valueOf(Address.of(text)));
    assertEquals(canonical, String.valueOf(Address.of(canonical)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        ".",
        "1",
        "::1%lo",
        "::1%nosuch",
        "fe80::2%lo",
        "fe80::2%1",
        "fe80::1%",
        "1.2.3.4%1",
        "::ffff:1.2.3.4%lo",
        "[::1]",
        "[1.2.3.4]",
        "1.2.3.4:80",
        "[::1]:80",
        "::1/64",
        "1.2.3.4/24",
        " 1.2.3.4",
        "1.2.3.4 ",
        "1.2.3.4\n",
        "::1\n",
        "::1\u0000",
        "01.2.3.4",
        "1.2.3.04",
        "1.2.3.00",
        "010.1.1.1",
        "::ffff:01.2.3.4",
        "1.2.3",
        "1.2.3.",
        ".1.2.3",
        "1.2.3.4.",
        "1..3.4",
        "1.2.3.4.5",
        "1.2.3.256",
        "1.2.3.1000",
        "1.2.3.0004",
        "1.2.3.-4",
        "1.2.3.+4",
        "0x1.2.3.4",
        "1.2.3.0x4",
        "16909060",
        "1.2.772",
        "1.2.3.a",
        "1,2,3,4",
        "1.2.3.४",
        "１.２.３.４",
        "１.2.3.4",
        "२००१:db8::1",
        "::１",
        "2001：db8：：1",
        "1.2.3。4",
        "::ａ",
        "::\u0131",
        "2001:db8::1\ud800",
        "\ud835\udfcf.2.3.4",
        ":::",
        "::::",
        "1::2::3",
        ":1",
        "1:",
        ":1::",
        "::1:",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "1:2:3:4::5:6:7:8",
        "12345::",
        "::00001",
        "::g",
        "::1.2.3",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1:2:3:4:5:6:7:8:1.2.3.4",
        "1:2:3:4:5:1.2.3.4",
        "::12345.2.3.4",
        "localhost",
        "a",
        "face",
        "a.b.c.d",
        "2001:db8",
        "::-1",
        "0000:0000:0000:0000:0000:0000:0000:00001",
        "::ffff:255.255.255.2555",
      })
  void anythingElse_isPlainText(String text) {
    assertNull(Address.of(text));
  }

  /** Its answers are those of before, but where these were the host's or not of ASCII. */
  @Test
  void whatIsAnAddress_andItsText_areAsBefore() {
    Random random = new Random(SEED);
    int addresses = 0;
    for (int i = 0; i < 300_000; i++) {
      String text = text(random);
      Address address = Address.of(text);
      boolean was = InetAddresses.isInetAddress(text);
      assertEquals(was, address != null, () -> "seed " + SEED + ": " + text);
      if (address != null) {
        InetAddress before = InetAddresses.forString(text);
        assertEquals(InetAddresses.toAddrString(before), address.toString());
        assertArrayEquals(before.getAddress(), address.toBytes());
        addresses++;
      }
    }
    assertFalse(addresses < 10_000, "addresses: " + addresses);
  }

  /** Mostly an address, in any spelling, with a letter in the wrong place now and then. */
  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int groups = random.nextInt(8) == 0 ? random.nextInt(10) : 8;
    int gap = random.nextInt(3) == 0 ? -1 : random.nextInt(8);
    if (random.nextInt(4) == 0) {
      groups = 1;
      gap = -1;
    }
    for (int i = 0; i < groups; i++) {
      if (i == gap) {
        text.append(i == 0 ? "::" : ":");
        i += random.nextInt(9 - i);
        continue;
      }
      boolean mapped = i == 5 && random.nextInt(3) == 0;
      int bound = mapped ? 0xFFFF : random.nextInt(3) == 0 ? 1 : 0x10000;
      String digits = Integer.toHexString(mapped ? bound : random.nextInt(bound));
      digits = random.nextInt(8) == 0 ? "0".repeat(random.nextInt(4)) + digits : digits;
      text.append(random.nextInt(8) == 0 ? digits.toUpperCase(java.util.Locale.ROOT) : digits);
      text.append(i < 7 ? ":" : "");
    }
    if (groups == 1 || random.nextInt(4) == 0) {
      text.setLength(groups == 1 ? 0 : Math.max(0, text.lastIndexOf(":") + 1));
      for (int i = 0; i < 4; i++) {
        text.append(i == 0 ? "" : ".").append(random.nextInt(random.nextInt(30) == 0 ? 300 : 256));
      }
    }
    if (random.nextInt(6) == 0 && !text.isEmpty()) {
      int at = random.nextInt(text.length());
      char c = ":.0123456789abcfgABF x/[]".charAt(random.nextInt(25));
      if (random.nextBoolean()) {
        text.setCharAt(at, c);
      } else {
        text.insert(at, c);
      }
    }
    return text.toString();
  }

  @Test
  void aNetwork_hasNoBitsBeyondItsPrefix() throws UnknownHostException {
    Random random = new Random(SEED);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(bytes);
      int prefix = random.nextInt(8 * bytes.length + 1);
      Address address = Address.of(bytes);
      for (int bit = prefix; bit < 8 * bytes.length; bit++) {
        bytes[bit / 8] &= (byte) ~(0x80 >>> bit % 8);
      }
      assertArrayEquals(bytes, address.network(prefix).toBytes());
      assertEquals(
          InetAddresses.toAddrString(InetAddress.getByAddress(bytes)),
          address.network(prefix).toString());
    }
  }

  /** A look at the host's interfaces or its resolver would make a key depend on the host. */
  @Test
  void noKeyAndNoCondition_knowsTheHost() throws IOException {
    for (String room : List.of("key", "rules/index")) {
      try (Stream<Path> files = Files.list(Path.of("src/main/java/io/limiter/server", room))) {
        List<Path> knowing = files.filter(AddressTest::namesTheNetwork).toList();
        assertEquals(List.of(), knowing);
      }
    }
    assertNotNull(Address.of("::1"));
  }

  private static boolean namesTheNetwork(Path file) {
    try {
      String source = Files.readString(file);
      return source.contains("java.net.") || source.contains("com.google.common.net");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
