package script_test

import (
	"strings"
	"testing"
)

// TestCrypto holds published test vectors, and that what is encrypted or signed can
// be read again.
func TestCrypto(t *testing.T) {
	const p = `var K = javax.crypto, H = org.apache.commons.codec.binary.Hex, hex = function (b) { return String(H.encodeHexString(b)) };
		function bytes(s) { return new java.lang.String(s).getBytes('UTF-8') }
		function key(h, a) { return new javax.crypto.spec.SecretKeySpec(H.decodeHex(h), a || 'AES') }
		function run(name, mode, k, b, iv) { var c = javax.crypto.Cipher.getInstance(name); if (iv) c.init(mode, k, iv); else c.init(mode, k); return c.doFinal(b) } `
	check(t, [][2]string{
		// FIPS 197, appendix C.1.
		{p + "return hex(run('AES/ECB/NoPadding', 1, key('000102030405060708090a0b0c0d0e0f'), H.decodeHex('00112233445566778899aabbccddeeff')))", "69c4e0d86a7b0430d8cdb78070b4c55a"},
		// SP 800-38A, F.2.1.
		{p + "return hex(run('AES/CBC/NoPadding', 1, key('2b7e151628aed2a6abf7158809cf4f3c'), H.decodeHex('6bc1bee22e409f96e93d7e117393172a'), new K.spec.IvParameterSpec(H.decodeHex('000102030405060708090a0b0c0d0e0f'))))", "7649abac8119b246cee98e9b12e9197d"},
		{p + "var k = key('000102030405060708090a0b0c0d0e0f'), iv = new K.spec.IvParameterSpec(H.decodeHex('000102030405060708090a0b0c0d0e0f')); var e = run('AES/CBC/PKCS5Padding', K.Cipher.ENCRYPT_MODE, k, bytes('hello'), iv); return e.length + new java.lang.String(run('AES/CBC/PKCS5Padding', K.Cipher.DECRYPT_MODE, k, e, iv))", "16hello"},
		{p + "var k = key('000102030405060708090a0b0c0d0e0f'), iv = new K.spec.GCMParameterSpec(128, H.decodeHex('000102030405060708090a0b')); var e = run('AES/GCM/NoPadding', 1, k, bytes('hello'), iv); return e.length + new java.lang.String(run('AES/GCM/NoPadding', 2, k, e, iv))", "21hello"},
		{p + "var k = new K.spec.SecretKeySpec(bytes('0123456789abcdef01234567'), 'DESede'); return new java.lang.String(run('DESede', 2, k, run('DESede', 1, k, bytes('triple'))))", "triple"},
		// RFC 6070, the second vector.
		{p + "var f = K.SecretKeyFactory.getInstance('PBKDF2WithHmacSHA1'); return hex(f.generateSecret(new K.spec.PBEKeySpec(new java.lang.String('password').toCharArray(), bytes('salt'), 2, 160)).getEncoded())", "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"},
		// RFC 4231, test case 2.
		{p + "var m = K.Mac.getInstance('HmacSHA256'); m.init(new K.spec.SecretKeySpec(bytes('Jefe'), 'HmacSHA256')); return hex(m.doFinal(bytes('what do ya want for nothing?')))", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{p + "var g = java.security.KeyPairGenerator.getInstance('RSA'); g.initialize(1024); var k = g.generateKeyPair(), s = java.security.Signature.getInstance('SHA256withRSA'); s.initSign(k.getPrivate()); s.update(bytes('m')); var b = s.sign(); s.initVerify(k.getPublic()); s.update(bytes('m')); var ok = s.verify(b); s.update(bytes('n')); return ok + ',' + s.verify(b)", "true,false"},
		{p + "var k = java.security.KeyPairGenerator.getInstance('EC').generateKeyPair(), f = java.security.KeyFactory.getInstance('EC'), s = java.security.Signature.getInstance('SHA256withECDSA'); s.initSign(f.generatePrivate(new java.security.spec.PKCS8EncodedKeySpec(k.getPrivate().getEncoded()))); s.update(bytes('m')); var b = s.sign(); s.initVerify(f.generatePublic(new java.security.spec.X509EncodedKeySpec(k.getPublic().getEncoded()))); s.update(bytes('m')); return s.verify(b)", "true"},
		{p + "var g = java.security.KeyPairGenerator.getInstance('RSA'); g.initialize(1024); var k = g.generateKeyPair(); return new java.lang.String(run('RSA/ECB/PKCS1Padding', 2, k.getPrivate(), run('RSA/ECB/PKCS1Padding', 1, k.getPublic(), bytes('secret'))))", "secret"},
		{p + "return K.KeyGenerator.getInstance('AES').generateKey().getEncoded().length + javax.xml.bind.DatatypeConverter.printHexBinary(javax.xml.bind.DatatypeConverter.parseHexBinary('00ff')) + javax.xml.bind.DatatypeConverter.printBase64Binary(bytes('a'))", "3200FFYQ=="},
		{p + "var c = new java.util.zip.CRC32(); c.update(bytes('123456789')); var a = new java.util.zip.Adler32(); a.update(bytes('Wikipedia')); return c.getValue().toString(16) + a.getValue().toString(16)", "cbf4392611e60398"},
		{p + "return java.security.MessageDigest.getInstance('SHA-512').digest(bytes('')).length + new java.security.SecureRandom().nextInt(1)", "64"},
		{thrown(p + "run('AES/CBC/PKCS5Padding', 1, key('00'), bytes('x'))"), "java.security.InvalidKeyException: Invalid AES key length: 1 bytes"},
		{thrown("javax.crypto.Cipher.getInstance('ROT13')"), "java.security.NoSuchAlgorithmException: Cannot find any provider supporting ROT13"},
		{thrown("java.security.MessageDigest.getInstance('X')"), "java.security.NoSuchAlgorithmException: X MessageDigest not available"},
		{thrown(p + "var k = key('000102030405060708090a0b0c0d0e0f'); run('AES/GCM/NoPadding', 2, k, H.decodeHex('00112233445566778899aabbccddeeff00'), new K.spec.GCMParameterSpec(128, H.decodeHex('000102030405060708090a0b')))"), "javax.crypto.AEADBadTagException: Tag mismatch!"},
	})
}

// PBKDF2 is bounded by what it costs: iterations for each block of the key.
func TestPBKDF2Rounds(t *testing.T) {
	for _, spec := range []string{"2000000000, 256", "5000001, 512", "3000000, 1024"} {
		_, err := runBody(t, newScope(), `javax.crypto.SecretKeyFactory.getInstance('PBKDF2WithHmacSHA512')
			.generateSecret(new javax.crypto.spec.PBEKeySpec(new java.lang.String('p').toCharArray(), new java.lang.String('salt').getBytes(), `+spec+`))`)
		if err == nil || !strings.Contains(detail(err), "more than the 5000000 rounds that are allowed") {
			t.Errorf("%s: %v", spec, err)
		}
	}
}
