"""Which form each act has."""

from __future__ import annotations

from typing import Final

from api.web.editing.acts import ACTS, DEFINING, OF_ENTITY, OF_SOURCE, TELLING
from api.web.editing.definition_forms import DefinitionForm
from api.web.editing.description_forms import EntityForm, SourceForm
from api.web.editing.fact_forms import FactCorrectionForm, FactForm
from api.web.editing.filled_form import Form
from api.web.editing.story_forms import StoryForm

FORMS: Final[dict[str, type[Form]]] = {
    **dict.fromkeys(ACTS, FactCorrectionForm),
    "record": FactForm,
    TELLING: StoryForm,
    **dict.fromkeys(OF_ENTITY, EntityForm),
    **dict.fromkeys(OF_SOURCE, SourceForm),
    **dict.fromkeys(DEFINING, DefinitionForm),
}
