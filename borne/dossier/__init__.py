"""Dossier : ce qui est gardé d'une visite, chiffré, puis détruit.

sqlite-utils prend `pysqlite3` quand il existe : SQLCipher s'y glisse sous ce nom ici, avant tout autre module de la
pièce, quel que soit l'ordre des imports ; sinon ses exceptions ne seraient pas celles qu'attrape la bibliothèque.
"""

import sys

import sqlcipher3
from sqlcipher3 import dbapi2

sys.modules.setdefault("pysqlite3", sqlcipher3)
sys.modules.setdefault("pysqlite3.dbapi2", dbapi2)
