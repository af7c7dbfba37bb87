"""L'autotest du technicien : un contrôle par fichier dans `controles/`, un rapport, un certificat."""
