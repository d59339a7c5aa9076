package io.limiter.server.access;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SealTest {
  private static final byte[] OLD = secret("old");
  private static final byte[] NEW = secret("new");
  private static final byte[] RECEIPT = {1, 2, 3, 4, 5};

  private final Seal seal = new Seal(List.of(OLD));

  private static byte[] secret(String text) {
    return text.repeat(12).getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void whatWasSealed_isOpenedByItsCallerAlone() {
    byte[] sealed = seal.seal("shop", RECEIPT);
    assertEquals(RECEIPT.length + Seal.BYTES, sealed.length);
    assertArrayEquals(RECEIPT, seal.open("shop", sealed));
    for (String other : List.of("", "sho", "shop2", "Shop", "\u0004shop")) {
      assertNull(seal.open(other, sealed), other);
    }
  }

  @Test
  void aNameAndBytes_areNotTakenForAnotherNameAndOthers() {
    byte[] sealed = seal.seal("ab", new byte[] {'c', 1});
    byte[] moved = sealed.clone();
    assertNull(seal.open("a", moved));
    assertNull(seal.open("abc", Arrays.copyOfRange(sealed, 1, sealed.length)));
  }

  @Test
  void aChangedByte_aCutAndMore_areRefused() {
    byte[] sealed = seal.seal("shop", RECEIPT);
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      assertNull(seal.open("shop", changed), "byte " + i);
      assertNull(seal.open("shop", Arrays.copyOf(sealed, i)), "cut to " + i);
    }
    assertNull(seal.open("shop", Arrays.copyOf(sealed, sealed.length + 1)));
    assertNull(seal.open("shop", RECEIPT), "as it was before access was restricted");
  }

  @Test
  void anEmptyReceipt_isSealedToo() {
    assertArrayEquals(new byte[0], seal.open("shop", seal.seal("shop", new byte[0])));
    assertNull(seal.open("shop", new byte[Seal.BYTES]));
  }

  @Test
  void anOldSecret_opensAsLongAsItIsListed_andSealsNoMore() {
    byte[] before = seal.seal("shop", RECEIPT);
    Seal both = new Seal(List.of(NEW, OLD));
    assertArrayEquals(RECEIPT, both.open("shop", before));
    byte[] after = both.seal("shop", RECEIPT);
    assertNull(seal.open("shop", after), "it is sealed with the first");
    Seal fresh = new Seal(List.of(NEW));
    assertArrayEquals(RECEIPT, fresh.open("shop", after));
    assertNull(fresh.open("shop", before));
  }

  @Test
  void withoutASecret_thereIsNoSeal() {
    assertThrows(IllegalArgumentException.class, () -> new Seal(List.of()));
  }
}
