"""Signatures of tokens by public keys (edgefn_env.verify): RS256 and ES256, by the package cryptography. The same rules as in edgefn_verify.h."""
import base64
import json
import re

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
except ImportError as _error:
    raise ImportError('table "jwks": verifying RS256 and ES256 needs the package cryptography, which is not installed here') from _error

MIN_BITS, MAX_BITS, MAX_KEYS = 2048, 8192, 100


class Verifier:
    """sets: {issuer: its JWKS, as an object or as text}. A key verifies the tokens of its own issuer (iss) and no others.

    Raises TypeError if an issuer has no usable key. Keys that are not for this are skipped, as RFC 7517 demands.
    """

    def __init__(self, sets):
        self._issuers = {issuer: _keys(issuer, jwks) for issuer, jwks in sets.items()}

    def __call__(self, alg, kid, message, signature):
        """Returns whether a signature is valid. alg: text. kid: text, None if the token has none. message, signature: bytes."""
        keys = [key for key in self._issuers.get(_issuer(message), ()) if key.alg == alg and kid in (None, key.kid)]
        return len(keys) == 1 and not keys[0].ambiguous and keys[0].verifies(message, signature)


class _Key:
    """One JWK. Raises ValueError with the reason if it cannot be used."""

    def __init__(self, jwk):
        if not isinstance(jwk, dict):
            raise ValueError('not an object')
        self.alg = {'RSA': 'RS256', 'EC': 'ES256'}.get(jwk.get('kty') if isinstance(jwk.get('kty'), str) else None)
        self.kid, self.ambiguous = jwk.get('kid'), False
        if self.alg is None:
            raise ValueError('kty is not RSA or EC')
        if self.kid is not None and (not isinstance(self.kid, str) or self.kid == ''):
            raise ValueError('kid is not a text')
        if jwk.get('d') is not None:
            raise ValueError('a private key: publish and configure only the public part')
        operations = jwk.get('key_ops')
        if (jwk.get('use') not in (None, 'sig') or jwk.get('alg') not in (None, self.alg)
                or not (operations is None or isinstance(operations, list) and 'verify' in operations)):
            raise ValueError('use, key_ops or alg says that it is for something else')
        self._key = _rsa(jwk) if self.alg == 'RS256' else _ec(jwk)

    def verifies(self, message, signature):
        try:
            if self.alg == 'RS256':
                self._key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
            elif len(signature) == 64: # JWS has r and s, the package expects DER
                pair = utils.encode_dss_signature(int.from_bytes(signature[:32], 'big'), int.from_bytes(signature[32:], 'big'))
                self._key.verify(pair, message, ec.ECDSA(hashes.SHA256()))
            else:
                return False
        except InvalidSignature:
            return False
        return True


def _rsa(jwk):
    n, e = (int.from_bytes(_bytes(jwk.get(name)), 'big') for name in 'ne')
    if not MIN_BITS <= n.bit_length() <= MAX_BITS or n % 2 == 0:
        raise ValueError('not a modulus of %d to %d bits' % (MIN_BITS, MAX_BITS))
    if not 65537 <= e < 1 << 32 or e % 2 == 0: # with an exponent of 1 anybody could sign
        raise ValueError('e is not an odd number from 65537 to below 2^32')
    return rsa.RSAPublicNumbers(e, n).public_key()


def _ec(jwk):
    if jwk.get('crv') != 'P-256':
        raise ValueError('a curve other than P-256')
    x, y = (_bytes(jwk.get(name)) for name in 'xy')
    if len(x) != 32 or len(y) != 32:
        raise ValueError('x or y is not 32 bytes in base64url')
    return ec.EllipticCurvePublicNumbers(int.from_bytes(x, 'big'), int.from_bytes(y, 'big'), ec.SECP256R1()).public_key()


def _bytes(text):
    """Strict base64url: without padding, white space or bits that do not count."""
    if not isinstance(text, str) or not re.fullmatch('[A-Za-z0-9_-]+', text) or len(text) % 4 == 1:
        raise ValueError('a number is missing or not base64url')
    decoded = base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))
    if base64.urlsafe_b64encode(decoded).decode().rstrip('=') != text:
        raise ValueError('a number is missing or not base64url')
    return decoded


def _issuer(message):
    """The claim iss of HEADER.PAYLOAD; None if it is not a text."""
    try:
        payload = message.split(b'.')[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + b'=' * (-len(payload) % 4)).decode())
    except (ValueError, IndexError, RecursionError):
        return None
    issuer = claims.get('iss') if isinstance(claims, dict) else None
    return issuer if isinstance(issuer, str) else None


def _keys(issuer, jwks):
    def wrong(why):
        return TypeError('table "jwks": %s: %s' % (issuer, why))

    if isinstance(jwks, str):
        try:
            jwks = json.loads(jwks)
        except (ValueError, RecursionError):
            jwks = None
    listed = jwks.get('keys') if isinstance(jwks, dict) else None
    if not isinstance(listed, list):
        raise wrong('not a JWKS, which is a JSON object with a list "keys"')
    if len(listed) > MAX_KEYS:
        raise wrong('the JWKS has more than %d keys' % MAX_KEYS)
    keys, why = [], 'the JWKS has no key'
    for number, jwk in enumerate(listed):
        try:
            keys.append(_Key(jwk))
        except ValueError as error:
            why = 'key %d of the JWKS is not used: %s' % (number + 1, error)
    if not keys:
        raise wrong(why)
    for key in keys:
        key.ambiguous = key.kid is not None and sum(other.kid == key.kid for other in keys) > 1
    return keys
