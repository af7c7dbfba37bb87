"""Contrats sur les noms privés d'aioice et de SCTP : une mise à jour qui les change échoue ici, pas en mairie."""

from __future__ import annotations

import inspect

import aiortc.rtcsctptransport
import pytest
from aioice import ice, stun
from aiortc import RTCPeerConnection

from borne.protocole import ServeurGlace
from borne.visio import adaptation_ice
from borne.visio.adaptation_aiortc import AdaptationImpossible
from borne.visio.adaptation_ice import Chemin
from tests.visio.outils import CONFIGURATION


async def test_noms_de_la_connexion() -> None:
    pair = RTCPeerConnection(CONFIGURATION)
    with pytest.raises(AdaptationImpossible):
        Chemin(pair, lambda: None)
    pair.createDataChannel("essai")
    connexion = pair.sctp.transport.transport._connection
    assert isinstance(connexion, ice.Connection)
    assert {"_check_list", "_nominated", "_query_consent_task"} <= set(vars(connexion))
    Chemin(pair, lambda: None)
    assert {"data_received", "request_received", "check_incoming", "sendto", "query_consent"} <= set(vars(connexion))
    await pair.close()


def test_aioice_appelle_ce_que_l_on_remplace() -> None:
    assert "self.receiver.data_received(" in inspect.getsource(ice.StunProtocol)
    assert "self.receiver.request_received(" in inspect.getsource(ice.StunProtocol)
    assert "self.check_incoming(message, addr, protocol)" in inspect.getsource(ice.Connection.request_received)
    assert "await self.sendto(data, 1)" in inspect.getsource(ice.Connection.send)
    assert "asyncio.create_task(self.query_consent())" in inspect.getsource(ice.Connection.connect)
    assert "relayed_candidate(" in inspect.getsource(ice.Connection.get_component_candidates)
    assert "pair.task" in inspect.getsource(ice.Connection.check_start_task)
    assert inspect.signature(stun.Transaction.__init__).parameters["retransmissions"]


def test_reglages_des_modules() -> None:
    adaptation_ice.installer()
    adaptation_ice.installer()
    assert aiortc.rtcsctptransport.SCTP_RTO_MIN == adaptation_ice.RTO_MIN
    assert "SCTP_RTO_MIN" in inspect.getsource(aiortc.rtcsctptransport.RTCSctpTransport._update_rto)
    assert "SCTP_RTO_INITIAL" in inspect.getsource(aiortc.rtcsctptransport.RTCSctpTransport.__init__)
    assert ice.relayed_candidate is adaptation_ice._relayer


def test_facons_dans_l_ordre_prefere() -> None:
    """UDP, puis TCP, puis TLS, quel que soit l'ordre de la salle ; ce qui n'est pas TURN n'en est pas."""
    urls = ["turns:t.fr:443?transport=tcp", "stun:t.fr", "turn:t.fr?transport=tcp", "turn:t.fr?transport=udp"]
    facons = adaptation_ice.facons_turn((ServeurGlace(urls, "u", "c"),))
    vues = [(f["turn_transport"], f["turn_ssl"], f["turn_server"], f["turn_username"]) for f in facons]
    assert vues == [
        ("udp", False, ("t.fr", 3478), "u"),
        ("tcp", False, ("t.fr", 3478), "u"),
        ("tcp", True, ("t.fr", 443), "u"),
    ]
