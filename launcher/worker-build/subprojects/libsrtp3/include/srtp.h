/*
 * The calls of libsrtp 3 that mediasoup's worker makes, over the system's libsrtp 2.
 *
 * What differs: version 3 makes the policy an object with setters, gives each packet separate input
 * and output buffers with size_t lengths, and renamed srtp_remove_stream. Version 2 works in place
 * with int lengths. The cost of this header is nothing for incoming packets (the worker decrypts in
 * place) and one copy for outgoing ones, which version 3 makes too.
 *
 * Only C++ includes this, so the calls that kept their name are overloads.
 */
#ifndef ROSTRUM_SRTP3_OVER_SRTP2_H
#define ROSTRUM_SRTP3_OVER_SRTP2_H

#include <srtp2/srtp.h>

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

/* Two codes that version 2 does not have. It never returns the second; we return the first below. */
constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
constexpr auto srtp_err_status_cryptex_err = static_cast<srtp_err_status_t>(29);

/* Version 2's policy only points at the key, so the key has to live beside it. */
struct rostrum_srtp_policy
{
	::srtp_policy_t v2{};
	unsigned char key[SRTP_MAX_KEY_LEN]{};
};

inline srtp_err_status_t rostrum_srtp_policy_create(rostrum_srtp_policy** policy)
{
	*policy = new (std::nothrow) rostrum_srtp_policy;

	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void rostrum_srtp_policy_destroy(rostrum_srtp_policy* policy)
{
	if (policy)
	{
		/* volatile, so that the wiping of the key is not optimised away */
		volatile unsigned char* key = policy->key;

		for (size_t i = 0; i < sizeof(policy->key); ++i)
		{
			key[i] = 0;
		}
	}

	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(rostrum_srtp_policy* policy, srtp_ssrc_t ssrc)
{
	policy->v2.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(rostrum_srtp_policy* policy, srtp_profile_t profile)
{
	const srtp_err_status_t status =
	  srtp_crypto_policy_set_from_profile_for_rtp(&policy->v2.rtp, profile);

	if (status != srtp_err_status_ok)
	{
		return status;
	}

	return srtp_crypto_policy_set_from_profile_for_rtcp(&policy->v2.rtcp, profile);
}

/* Version 2 wants key and salt in one piece and, with one key and no MKI, by a plain pointer. */
inline srtp_err_status_t srtp_policy_add_key(
  rostrum_srtp_policy* policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t mkiLen)
{
	if (mkiLen != 0 || keyLen > sizeof(policy->key) || saltLen > sizeof(policy->key) - keyLen)
	{
		return srtp_err_status_bad_param;
	}

	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);
	policy->v2.key = policy->key;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(rostrum_srtp_policy* policy, bool allow)
{
	policy->v2.allow_repeat_tx = allow ? 1 : 0;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(rostrum_srtp_policy* policy, size_t windowSize)
{
	policy->v2.window_size = static_cast<unsigned long>(windowSize);

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, const rostrum_srtp_policy* policy)
{
	return ::srtp_create(session, &policy->v2);
}

/* One call for the four ways of a packet: `extra` is what version 2 may append to it. */
inline srtp_err_status_t rostrum_srtp_in_place(
  srtp_err_status_t (*call)(srtp_t, void*, int*),
  size_t extra,
  srtp_t session,
  const uint8_t* in,
  size_t inLen,
  uint8_t* out,
  size_t* outLen)
{
	if (inLen > INT_MAX - extra)
	{
		return srtp_err_status_bad_param;
	}

	if (*outLen < inLen + extra)
	{
		return srtp_err_status_buffer_small;
	}

	if (in != out)
	{
		std::memmove(out, in, inLen);
	}

	int len                        = static_cast<int>(inLen);
	const srtp_err_status_t status = call(session, out, &len);

	if (status == srtp_err_status_ok)
	{
		*outLen = static_cast<size_t>(len);
	}

	return status;
}

inline srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* rtp, size_t rtpLen, uint8_t* srtp, size_t* srtpLen, size_t /*mkiIndex*/)
{
	return rostrum_srtp_in_place(
	  ::srtp_protect, SRTP_MAX_TRAILER_LEN, session, rtp, rtpLen, srtp, srtpLen);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* srtp, size_t srtpLen, uint8_t* rtp, size_t* rtpLen)
{
	return rostrum_srtp_in_place(::srtp_unprotect, 0, session, srtp, srtpLen, rtp, rtpLen);
}

/* SRTCP appends four octets more than SRTP: its index. */
inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* rtcp, size_t rtcpLen, uint8_t* srtcp, size_t* srtcpLen, size_t /*mkiIndex*/)
{
	return rostrum_srtp_in_place(
	  ::srtp_protect_rtcp, SRTP_MAX_TRAILER_LEN + 4, session, rtcp, rtcpLen, srtcp, srtcpLen);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* srtcp, size_t srtcpLen, uint8_t* rtcp, size_t* rtcpLen)
{
	return rostrum_srtp_in_place(::srtp_unprotect_rtcp, 0, session, srtcp, srtcpLen, rtcp, rtcpLen);
}

/* Both versions want the SSRC in network order. */
inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrc)
{
	return ::srtp_remove_stream(session, ssrc);
}

/* Names that version 2 has for something else: from here on they mean version 3's. */
using rostrum_srtp_policy_t = rostrum_srtp_policy*;
#define srtp_policy_t rostrum_srtp_policy_t
#define srtp_policy_create rostrum_srtp_policy_create
#define srtp_policy_destroy rostrum_srtp_policy_destroy

#endif
